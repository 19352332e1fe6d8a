import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { quietWork, SettingsHome } from '../../test/support/settings-home.js';
import { notify } from './notify.js';

interface Heard {
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

let server: Server;
let url: string;
let heard: Heard[];
let settings: SettingsHome;
beforeAll(async () => {
  server = createServer((asked, answer) => {
    let text = '';
    asked.on('data', (part: Buffer) => (text += part.toString()));
    asked.on('end', () => {
      heard.push({ path: asked.url ?? '', headers: asked.headers, body: JSON.parse(text) });
      if (asked.url !== '/silent') answer.writeHead(asked.url === '/broken' ? 500 : 200).end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  settings = await SettingsHome.make();
  process.env['LOCKKEEPER_TEST_HOOK'] = `${url}/s3cret`;
  process.env['LOCKKEEPER_TEST_TOKEN'] = 's3cret';
});
beforeEach(() => (heard = []));
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await settings.remove();
});

const input = {
  target: 'shop',
  runId: 'run-1',
  event: 'ended',
  text: 'shop: undone',
  outcome: 'undone',
} as const;
const tell = async (
  hooks: readonly Record<string, unknown>[],
  given: Partial<typeof input> | object = {},
) => {
  await settings.write({ notify: hooks });
  return notify(settings.home, { ...input, ...given }, quietWork());
};

describe('people are told', () => {
  it('by a webhook that gets JSON, with a secret header', async () => {
    const headers = { Authorization: 'Bearer ${LOCKKEEPER_TEST_TOKEN}' };
    expect(await tell([{ url: '${LOCKKEEPER_TEST_HOOK}', headers }])).toEqual({ note: 'ended', faults: [] });
    expect(heard).toEqual([
      {
        path: '/s3cret',
        headers: expect.objectContaining({
          authorization: 'Bearer s3cret',
          'content-type': 'application/json',
        }),
        body: {
          ...{ schemaVersion: 1, event: 'ended', target: 'shop', run: 'run-1', text: 'shop: undone' },
          ...{ outcome: 'undone', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
        },
      },
    ]);
  });

  it('by a command that gets the same in its environment', async () => {
    const file = join(settings.folder, 'told');
    const command = `echo "$LOCKKEEPER_EVENT $LOCKKEEPER_TARGET $LOCKKEEPER_RUN $LOCKKEEPER_OUTCOME: $LOCKKEEPER_TEXT" > ${file}`;
    expect((await tell([{ command }])).faults).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe('ended shop run-1 undone: shop: undone\n');
  });

  it('of what they want to hear only', async () => {
    const hook = { url, events: ['undo-failed', 'closure-overdue'] };
    await tell([hook]);
    expect(heard).toEqual([]);
    await tell([hook], { event: 'closure-overdue' });
    expect(heard).toHaveLength(1);
  });
});

it('settings that cannot be read are noted as well', async () => {
  await settings.write({ notify: 'everybody' });
  const { note } = await notify(settings.home, input, quietWork());
  expect(note).toMatch(/^not told: .*has 1 fault/);
});

describe('whoever cannot be told is noted, and never stops anything', () => {
  it.each<[string, { url?: string; command?: string }, RegExp]>([
    ['a webhook that fails', { url: '/broken' }, /^notify\[0\]: 127\.0\.0\.1:\d+ answered 500$/],
    [
      'a webhook that nobody serves',
      { url: 'http://127.0.0.1:1/s3cret' },
      /^notify\[0\]: 127\.0\.0\.1:1: bad port$/,
    ],
    ['a webhook that does not answer', { url: '/silent' }, /no answer within 5 seconds$/],
    [
      'a URL that is none',
      { url: '${LOCKKEEPER_TEST_TOKEN}' },
      /^notify\[0\]: its url is no http or https URL$/,
    ],
    [
      'a secret that is not there',
      { url: '${LOCKKEEPER_TEST_NOT_SET}' },
      /LOCKKEEPER_TEST_NOT_SET is not set: targets\.shop\.notify\[0\]\.url refers to it$/,
    ],
    ['a command that fails', { command: 'echo no route >&2; exit 3' }, /failed with exit code 3: .*no route/],
  ])(
    '%s',
    async (_, hook, says) => {
      const given = hook.url?.startsWith('/') ? { url: `${url}${hook.url}` } : hook;
      const { faults, note } = await tell([given, { url }]);
      expect(faults).toEqual([expect.stringMatching(says)]);
      expect(note).toBe(`not told: ${faults[0]}`);
      expect(note).not.toContain('s3cret');
      expect(heard.map(({ path }) => path)).toContain('/');
    },
    15_000,
  );
});
