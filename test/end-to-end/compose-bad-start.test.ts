import { createServer } from 'node:net';
import { once } from 'node:events';
import { FirstRelease, MS } from '../support/docker/first-release.js';
import { imageLike } from '../support/docker/images.js';
import { freePort } from '../support/free-port.js';
import { told } from '../support/told.js';

/** What the shop says when it must not be asked. */
const ILL = `async def health(engine):
    return {"status": "unavailable", "release": "r2", "revision": None, "reason": "the till is broken"}
`;

/** The database is migrated by then: both go back, and why is told in the container's own words. */
describe('a release that does not start', () => {
  let shop: FirstRelease;
  beforeAll(async () => void (shop = await FirstRelease.make()), 900_000);
  afterAll(() => shop?.close());

  it(
    'because its container ends at once',
    async () => {
      const broken = 'raise SystemExit("cannot log in as shop")\n';
      expect(await shop.expectUndone(await imageLike(shop.r2, { 'shop/main.py': broken }))).toMatch(
        /failed +deploy.*the container of app (was restarted \d+ times|ended with exit code 1|is unhealthy).*cannot log in as shop.*code +container-failed/s,
      );
    },
    MS,
  );

  it(
    'because its container never becomes healthy',
    async () => {
      expect(await shop.expectUndone(await imageLike(shop.r2, { 'shop/health.py': ILL }))).toMatch(
        /failed +deploy.*the container of app is unhealthy\n.*its check says: .*503.*code +container-failed/s,
      );
    },
    MS,
  );

  it(
    'because its container says of itself that it is well, and the site says otherwise: nothing else checks it',
    async () => {
      const unchecked = (text: string) => text.replace(/ {4}healthcheck:\n.*?\n\n/s, '\n');
      const before = await shop.example.edit(unchecked);
      const words = await shop.expectUndone(await imageLike(shop.r2, { 'shop/health.py': ILL }));
      expect(words).toMatch(
        /done +deploy.*app is running, without a health check of its own.*failed +health.*the till is broken/s,
      );
      await shop.example.edit(() => before);
    },
    MS,
  );

  it(
    'because somebody else has its port: a person is waited for, and it goes back when the file is as it was',
    async () => {
      const { example } = shop;
      const port = await freePort();
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      await example.release(shop.r2);
      const before = await example.edit((text) => text.replaceAll('${APP_PORT:-8000}', String(port)));
      const stuck = await shop.deploy();
      expect(told(example.project, stuck)).toMatch(
        /failed +deploy.*address already in use.*find who has the port: ss -ltnp/s,
      );
      expect(stuck.code).toBe(4);
      const { out } = await shop.cli('status', '--json');
      expect(JSON.parse(out)).toMatchObject({ outcome: 'repair' });
      await example.edit(() => before);
      await shop.cli('retry');
      const ended = await shop.cli('status', '--watch');
      expect(told(example.project, ended)).toMatch(
        /undone +put the release back.*undone +put the schema back/s,
      );
      await shop.expectFirst();
      other.close();
    },
    MS,
  );
});
