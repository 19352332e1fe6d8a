import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { selfMigrating } from './self-migrating.js';

const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true })));

async function found(file: string, text: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-self-'));
  made.push(folder);
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  return selfMigrating(folder);
}

it.each<[string, string, string, ...string[]]>([
  [
    'the start of an image',
    'Dockerfile',
    'FROM python\nRUN pip install alembic\nCMD alembic upgrade head && \\\n  uvicorn app:app\n',
    'Dockerfile:3: CMD alembic upgrade head && \\',
  ],
  [
    'its second line',
    'docker/api.dockerfile',
    'ENTRYPOINT set -e; \\\n  python -m alembic -c x.ini upgrade head\n',
    'docker/api.dockerfile:2: python -m alembic -c x.ini upgrade head',
  ],
  ['what an image does while it is built', 'Dockerfile', 'RUN alembic upgrade head --sql > all.sql\n'],
  [
    'a start script',
    'scripts/entrypoint.sh',
    'alembic upgrade head\n',
    'scripts/entrypoint.sh:1: alembic upgrade head',
  ],
  ['a comment in it', 'entrypoint.sh', '# alembic upgrade head is run by lockkeeper\n'],
  ['another script', 'scripts/migrate-by-hand.sh', 'alembic upgrade head\n'],
  [
    'a service',
    'docker-compose.yml',
    'services:\n  api:\n    command: sh -c "alembic upgrade head; uvicorn app:app"\n',
    'docker-compose.yml:3: command: sh -c "alembic upgrade head; uvicorn app:app"',
  ],
  [
    'a service that is there to migrate',
    'compose.yaml',
    'services:\n  migration:\n    command: alembic upgrade head\n',
  ],
  [
    'code that runs when it starts',
    'app/main.py',
    'command.upgrade(config, "head")\n',
    'app/main.py:1: command.upgrade(config, "head")',
  ],
  ['nothing of the kind', 'app/main.py', 'app = FastAPI()\n'],
])('looks at %s', async (_, file, text, ...expected) => expect(await found(file, text)).toEqual(expected));
