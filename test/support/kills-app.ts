import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { plain } from './kills-project.js';
import type { Project } from './project.js';

/** The application: says which release runs, when it is let. */
export async function serveHealth(project: Project, broken: boolean): Promise<Server> {
  const hold = project.path(`hold-${plain('health')}`);
  const ticks = project.path(`ticks-${plain('health')}`);
  const app = createServer((_, response) => {
    void project.running().then(async (running) => {
      // Only the new release is kept from becoming healthy: an undo is not to wait.
      const held = existsSync(hold) && running === 'r2';
      if (held) await appendFile(ticks, `${Date.now()}\n`);
      const release = broken && running === 'r2' ? 'none' : running;
      response.writeHead(held ? 503 : 200).end(JSON.stringify({ release }));
    });
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  return app;
}
