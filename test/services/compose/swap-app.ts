/** Answers with its version after 50 ms; ends at once without one. */
const APPLICATION = `
import asyncio, os, sys, uvicorn
version = os.environ["VERSION"] or sys.exit(3)
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(0.05)
    headers = [(b"x-version", version.encode()), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"served"})
uvicorn.run(app, host="0.0.0.0", port=8000, log_level="warning")
`;

const CHECK = 'import urllib.request as u; u.urlopen("http://127.0.0.1:8000/", timeout=2)';

/** A service of a compose file that answers HTTP. */
export const appOf = (image: string, published: string, isChecked: boolean) => ({
  image,
  ...(isChecked ? { healthcheck: { test: ['CMD', 'python', '-c', CHECK], interval: '1s' } } : {}),
  init: true,
  ports: [published],
  // Compose would fill in what a dollar says.
  command: ['python', '-c', APPLICATION.replaceAll('$', '$$$$')],
});

/** Two ports that follow each other, as a range of compose needs them. */
export async function twoPorts(freePort: () => Promise<number>): Promise<readonly [number, number]> {
  const { createServer } = await import('node:net');
  for (;;) {
    const port = await freePort();
    const next = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      next.once('error', () => resolve(false)).listen(port + 1, '127.0.0.1', () => resolve(true));
    });
    await new Promise<void>((resolve) => next.close(() => resolve()));
    if (isFree) return [port, port + 1];
  }
}
