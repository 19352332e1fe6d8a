import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary.js';
import type { Problem } from '../domain/problem.js';
import { loadConfig, settingsOf, targetOf } from './load.js';

const good = `version: 1
targets:
  shop:
    database:
      url: \${DATABASE_URL}
`;

/** The faults that a text has, without their bullets. */
function faults(text: string): string[] {
  try {
    settingsOf(text, 'lockkeeper.yaml');
  } catch (error) {
    const why = (error as Problem).told.why ?? '';
    return why.split('\n').map((line) => line.replace(/^- /, ''));
  }
  return [];
}

const target = (lines: string) => `${good}    ${lines.trim().replaceAll('\n', '\n    ')}\n`;

describe('a settings file', () => {
  it('needs one target with a database, and has a default for all else', () => {
    const { stateDir, taskQueue, targets } = settingsOf(good, 'lockkeeper.yaml');
    expect({ stateDir, taskQueue }).toEqual({ stateDir: '.lockkeeper', taskQueue: 'lockkeeper' });
    expect(targets['shop']?.alembic).toMatchObject({ python: 'python3', project: '.', tries: 5 });
  });

  it('with five faults gets five answers, each with line, setting and what was expected', () => {
    const text = target(`
healt:
  url: http://127.0.0.1/health
alembic:
  lockTimeoutMs: soon
  tries: 0
verify:
  - sql: select 1
    value: 1
deploy:
  commands: []`);
    expect(faults(text)).toEqual([
      'line 6: targets.shop.healt: there is no such setting',
      'line 9: targets.shop.alembic.lockTimeoutMs: expected a number, got text',
      'line 10: targets.shop.alembic.tries: expected at least 1',
      'line 12: targets.shop.verify[0].name: missing: expected text',
      'line 15: targets.shop.deploy.commands: expected at least one entry',
    ]);
  });

  it('starts a release by commands or by compose, not by both or by none', () => {
    const says = ['line 6: targets.shop.deploy: expected either commands or compose'];
    expect(faults(target('deploy: { timeoutSeconds: 5 }'))).toEqual(says);
    expect(faults(target('deploy: { commands: [restart], compose: {} }'))).toEqual(says);
    expect(faults(target('deploy: { compose: { services: [app, "my worker"] } }'))).toHaveLength(1);
  });

  it('that is empty is told what it lacks', () => {
    expect(faults('# nothing yet\n')).toEqual([
      'line 1: version: missing: expected 1',
      'line 1: targets: missing: expected settings (name: value)',
    ]);
  });

  it('that is no YAML is told the line, without the line itself: it may hold a secret', () => {
    const [fault] = faults('version: 1\ntargets:\n  shop: [secret\n');
    expect(fault).toMatch(/^line \d, column \d+: /);
    expect(fault).not.toContain('secret');
  });

  it('that names a setting twice is told where', () => {
    expect(faults(`${good}version: 1\n`)).toEqual(['line 6, column 1: the same setting is given twice']);
  });

  it('that is a list of things is not a settings file', () => {
    expect(faults('- one\n- two\n')).toEqual([
      'line 1: the file: expected settings (name: value), got a list',
    ]);
  });

  it('with a line that was left empty is told what to do with it', () => {
    expect(faults(target('release:'))).toEqual([
      'line 6: targets.shop.release: expected settings (name: value), got nothing: fill it in or take the line out',
    ]);
  });

  it('may not name a target so that it makes no workflow id', () => {
    expect(faults(good.replace('shop:', '"my shop":'))).toEqual([
      'line 3: targets.my shop: expected letters, digits and . _ - (at most 63 of them)',
    ]);
  });

  it('that fills a memory by aliases is refused', () => {
    const bomb = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    expect(faults(['a0: &a0 x', ...bomb].join('\n')).join()).toMatch(/alias/i);
  });
});

describe('a command', () => {
  it.each([
    ['[]', 'expected at least one entry'],
    ['[sleep, 5]', 'expected text, got a number', '[1]'],
    ['""', 'expected text, got an empty one'],
    ['5', 'expected text or a list, got a number'],
    [
      '{release}',
      'expected text or a list, got settings (name: value): put a text that begins with { in quotes',
    ],
  ])('%s is refused in words', (given, says, at = '') => {
    expect(faults(target(`release:\n  next: ${given}`))).toEqual([
      `line 7: targets.shop.release.next${at}: ${says}`,
    ]);
  });
});

describe('a check of verify', () => {
  it.each([
    ['', 'expected either sql or command'],
    ['sql: select 1', 'expected one of value, rows: 0 or unchanged: true beside sql'],
    ['command: "true"\nvalue: 1', 'expected no value, rows or unchanged beside command'],
    ['sql: select 1\nvalue: 1\nmark: select 2', 'expected unchanged: true beside mark'],
    ['sql: select 1\nunchanged: true\nmark: select 2', 'expected {mark} in sql, since a mark is given'],
  ])('%j does not make sense', (lines, says) => {
    const text = target(`verify:\n  - name: all is well\n    ${lines.replaceAll('\n', '\n    ')}`);
    expect(faults(text)).toEqual([`line 7: targets.shop.verify[0]: ${says}`]);
  });
});

describe('a secret', () => {
  const inFile = (url: string) => faults(good.replace('${DATABASE_URL}', url));

  it.each(['postgresql://shop:hunter2@db/shop', 'postgresql://shop@db/shop?password=hunter2'])(
    '%s is refused and not repeated',
    (url) => {
      const [fault] = inFile(url);
      expect(fault).toContain('targets.shop.database.url: expected no password in the file: write ${NAME}');
      expect(fault).not.toContain('hunter2');
    },
  );

  it.each([
    '${DATABASE_URL}',
    'file:/run/secrets/url',
    'postgresql://app:${PW}@db/shop',
    'postgresql://app@db/shop',
  ])('%s is where it belongs', (url) => expect(inFile(url)).toEqual([]));

  it.each(['$DATABASE_URL', 'mysql://db/shop', 'shop'])('%s does not lead to a database', (url) => {
    expect(inFile(url)).toEqual([
      'line 5: targets.shop.database.url: expected ${NAME}, file:PATH or postgresql://…',
    ]);
  });

  it('in an environment variable is known by the name of the variable', () => {
    const text = target('alembic:\n  environment:\n    DB_PASSWORD: hunter2\n    DB_NAME: shop');
    expect(faults(text)).toEqual([
      'line 8: targets.shop.alembic.environment.DB_PASSWORD: ' +
        'expected no secret in the file: write ${DB_PASSWORD} (environment) or file:PATH',
    ]);
  });
});

describe('a hook of notify', () => {
  const hook = (lines: string) => faults(target(`notify:\n  - ${lines.replaceAll('\n', '\n    ')}`));

  it.each([
    'url: https://chat.example.com/hook',
    'url: ${HOOK}',
    'url: file:/run/secrets/hook',
    'command: mail',
  ])('may be %s', (lines) => expect(hook(lines)).toEqual([]));

  it.each([
    [
      'url: chat',
      'line 7: targets.shop.notify[0].url: expected ${NAME}, file:PATH or a URL such as https://chat.example.com/hook',
    ],
    ['url: ${U}\ncommand: mail', 'line 7: targets.shop.notify[0]: expected either url or command'],
    [
      'url: ${U}\nevents: [everything]',
      'line 8: targets.shop.notify[0].events[0]: expected gate-open or reminder or ended or undo-failed or closure-overdue or backup-failed or backup-overdue or keepsake-ends, got text',
    ],
    ['url: ${U}\nevents: []', 'line 8: targets.shop.notify[0].events: expected at least one entry'],
  ])('%j is refused in words', (lines, says) => expect(hook(lines)).toEqual([says]));

  it('does not hold a secret in a header, and does not repeat it', () => {
    const [fault] = hook('url: ${U}\nheaders:\n  X-Api-Token: hunter2');
    expect(fault).toContain('targets.shop.notify[0].headers.X-Api-Token: expected no secret in the file');
    expect(fault).not.toContain('hunter2');
    expect(hook('url: ${U}\nheaders:\n  Authorization: Bearer ${T}\n  X-Team: shop')).toEqual([]);
  });
});

describe('loading', () => {
  const folder = temporaryFolder('config');

  it('says how to make a file when there is none', () => {
    const load = () => loadConfig(join(folder, 'none.yaml'));
    expect(load).toThrow(expect.objectContaining({ code: 'no-settings' }));
  });

  it('says that a folder is no file', () => {
    expect(() => loadConfig(folder)).toThrow(expect.objectContaining({ code: 'unreadable-settings' }));
  });

  it('finds the only target without its name, and no other one by a wrong name', () => {
    const path = join(folder, 'lockkeeper.yaml');
    writeFileSync(path, good);
    const config = loadConfig(path);
    expect(config.state).toBe(join(folder, '.lockkeeper'));
    expect(targetOf(config).name).toBe('shop');
    for (const name of ['blog', 'constructor'])
      expect(() => targetOf(config, name)).toThrow(
        expect.objectContaining({ code: 'no-target', message: expect.stringContaining('has shop') }),
      );
  });

  it.each(['/proc/lockkeeper/state', '/sys/state'])(
    'refuses a state folder where no files can be: %s',
    (state) => {
      const path = join(folder, 'kernel.yaml');
      writeFileSync(path, `${good}\nstateDir: ${state}\n`);
      expect(() => loadConfig(path)).toThrow(
        expect.objectContaining({
          code: 'state-not-writable',
          message: expect.stringContaining(`the state folder ${state} cannot be written`),
        }),
      );
    },
  );
});
