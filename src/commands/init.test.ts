import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/load.js';
import { initCommand } from './init.js';
import type { Io } from './io.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A folder named `shop` with these files. */
function project(files: Readonly<Record<string, string>>): string {
  const above = mkdtempSync(join(tmpdir(), 'lk-init-'));
  folders.push(above);
  const folder = join(above, 'shop');
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Runs init, and reads what it wrote as any other command would. */
async function init(folder: string, { force = false, json = false } = {}) {
  const said: string[] = [];
  const io: Io = { json, interactive: false, out: (text) => said.push(text), say: (text) => said.push(text) };
  const path = join(folder, 'lockkeeper.yaml');
  const code = await initCommand({ config: path, force }, io);
  const config = loadConfig(path);
  return {
    code,
    said: said.join('\n'),
    text: readFileSync(path, 'utf8'),
    target: config.targets['shop'],
    config,
  };
}

const COMPOSE = `services:
  db:
    image: postgres:17
    ports: ["5432:5432"]
  app:
    image: registry.example.org/shop:\${TAG:-latest}
    ports: ["127.0.0.1:8000:80"]
  migration:
    image: registry.example.org/shop:\${TAG:-latest}
    profiles: [migration]
`;

describe('init in a project', () => {
  it('writes down what it finds, and says so', async () => {
    const folder = project({
      'alembic.ini': '[alembic]\nscript_location = migrations\n',
      'migrations/env.py': 'import os\nurl = os.environ["SHOP_DATABASE_URL"]\n',
      'uv.lock': '',
      '.git/HEAD': 'ref: refs/heads/main\n',
      'app/main.py': '@app.get("/healthz")\ndef healthz(): ...\n',
      'docker-compose.yml': COMPOSE,
      'docker-compose.prod.yml': COMPOSE,
      'nginx/shop.conf': 'server {\n  listen 80;\n}\n',
    });
    const { code, target, said, text } = await init(folder);
    expect(code).toBe(0);
    expect(target).toMatchObject({
      database: { url: '${SHOP_DATABASE_URL}' },
      release: { fetch: [] },
      alembic: {
        python: ['uv', 'run', 'python'],
        project: '.',
        environment: { SHOP_DATABASE_URL: '${SHOP_DATABASE_URL}' },
      },
      deploy: {
        compose: { file: 'docker-compose.prod.yml', services: 'app', fetch: 'pull', way: 'recreate' },
      },
      health: { url: 'http://127.0.0.1:8000/healthz' },
    });
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+lockkeeper\.schema\.json\n/);
    expect(said).toContain('SHOP_DATABASE_URL (migrations/env.py)');
    expect(target?.closure).toMatchObject({
      flag: '/var/lib/lockkeeper/shop/closed',
      url: 'http://127.0.0.1/',
    });
    expect(said).toContain('nginx/shop.conf: into the server { } that answers for http://127.0.0.1/ write');
    expect(said).toContain('include /etc/nginx/lockkeeper-shop.conf;');
    const snippet = join(folder, '.lockkeeper/nginx/shop.conf');
    expect(readFileSync(snippet, 'utf8')).toContain('if ($uri = "/healthz") { set $lockkeeper_closed ""; }');
    expect(statSync(snippet).mode & 0o777).toBe(0o600);
    expect(said).toContain('service app in docker-compose.prod.yml: its image is the release');
  });

  it('runs Alembic in the image where its Python is not here', async () => {
    const { target, said } = await init(
      project({ 'alembic.ini': '[alembic]\n', 'docker-compose.yml': COMPOSE }),
    );
    expect(target?.alembic.container).toEqual({ service: 'migration' });
    expect(said).toContain('alembic.container: Alembic runs in the image, as migration does');
  });

  it('names the release by git where nothing is started by compose', async () => {
    const { target, said } = await init(project({ '.git/HEAD': 'ref: refs/heads/main\n' }));
    expect(target?.release.next).toBe('git rev-parse --short HEAD');
    expect(said).toContain('release.running: what prints the release that runs?');
  });

  it('finds alembic.ini and the virtual environment in other folders, seen from the right one', async () => {
    const folder = project({
      'backend/alembic.ini': '[alembic]\n',
      '.venv/pyvenv.cfg': '',
      '.venv/bin/python': '',
      '.venv/lib/python3/site-packages/thing/alembic.ini': '',
    });
    const { target } = await init(folder);
    expect(target?.alembic).toMatchObject({ project: 'backend', python: '../.venv/bin/python' });
  });

  it('takes the name of a variable out of .env, and never its value', async () => {
    const folder = project({
      '.env': 'export DATABASE_URL=postgresql://shop:hunter2@db/shop\nTEST_DB_URL=x\n',
    });
    const { text, said, target } = await init(folder);
    expect(target?.database.url).toBe('${DATABASE_URL}');
    expect(text + said).not.toContain('hunter2');
  });

  it('reads a pydantic settings class as pydantic does', async () => {
    const folder = project({
      'app/core/config.py':
        'class Settings(BaseSettings):\n    database_url: str\n    model_config = SettingsConfigDict(env_prefix="shop_")\n',
    });
    expect((await init(folder)).target?.database.url).toBe('${SHOP_DATABASE_URL}');
  });

  it('puts a URL together when there are only its parts, and says that it is a guess', async () => {
    const folder = project({ '.env': 'POSTGRES_USER=u\nPOSTGRES_PASSWORD=p\nPOSTGRES_DB=d\n' });
    const { target, said } = await init(folder);
    expect(target?.database.url).toBe(
      'postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:5432/${POSTGRES_DB}',
    );
    expect(said).toContain('database.url: put together from its parts');
  });

  it('has nothing to go by in an empty folder: the file is valid, and the gaps are named in it', async () => {
    const { target, text, said } = await init(project({}));
    expect(target).toMatchObject({ database: { url: '${DATABASE_URL}' }, alembic: { python: 'python3' } });
    expect(target).not.toHaveProperty('deploy');
    expect(text.match(/FILL IN/g)).toHaveLength(5);
    expect(said).toContain('alembic.project: no alembic.ini was found here or below');
  });

  it('is not led astray by a compose file that is none, or by odd names', async () => {
    const folder = project({
      'docker-compose.yml': 'services: [',
      'compose.yaml': 'services:\n  "my: app":\n    build: .\n',
    });
    const { target } = await init(folder);
    expect(target?.release.fetch).toEqual([['docker', 'compose', '-f', 'compose.yaml', 'build', 'my: app']]);
  });

  it('finds the sample shop', async () => {
    const folder = project({});
    cpSync('examples/shop/releases/r1', folder, { recursive: true });
    const { target } = await init(folder);
    expect(target).toMatchObject({ database: { url: '${DATABASE_URL}' }, alembic: { project: '.' } });
  });
});

describe('init beside a lockkeeper.yaml', () => {
  it('refuses, and leaves it as it is', async () => {
    const folder = project({ 'lockkeeper.yaml': 'mine' });
    await expect(init(folder)).rejects.toMatchObject({ code: 'settings-exist', told: { retry: false } });
    expect(readFileSync(join(folder, 'lockkeeper.yaml'), 'utf8')).toBe('mine');
  });

  it('with --force keeps the old one, and the one before that', async () => {
    const folder = project({ 'lockkeeper.yaml': 'mine', 'lockkeeper.yaml.bak': 'older' });
    const { said } = await init(folder, { force: true });
    expect(said).toContain('lockkeeper.yaml.bak.2');
    expect(readFileSync(join(folder, 'lockkeeper.yaml.bak'), 'utf8')).toBe('older');
    expect(readFileSync(join(folder, 'lockkeeper.yaml.bak.2'), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toHaveLength(3);
  });
});

describe('init --nginx', () => {
  const settings = (more: string) => `version: 1
targets:
  shop:
    database: {url: "\${DATABASE_URL}"}
    deploy: {commands: [deploy], peers: {addresses: ["127.0.0.1:8001", "127.0.0.1:8002"], file: peer, seenAs: /flags/peer, url: "https://shop.example/"}}
    closure: {flag: flags/closed, url: "https://shop.example/", seenAs: /flags/closed, open: [/live], bypass: "file:secret"${more}}
`;
  const nginx = async (files: Record<string, string>) => {
    const folder = project(files);
    const said: string[] = [];
    const io: Io = { json: false, interactive: false, out: (text) => said.push(text), say: () => undefined };
    await initCommand({ config: join(folder, 'lockkeeper.yaml'), nginx: true }, io);
    const read = (name: string) => readFileSync(join(folder, '.lockkeeper/nginx', name), 'utf8');
    return { said: said.join('\n'), server: read('shop.conf'), upstreams: read('shop-upstreams.conf') };
  };

  it('writes what nginx needs for the settings that are there, its secret into that file only', async () => {
    const { said, server, upstreams } = await nginx({
      'lockkeeper.yaml': settings(''),
      secret: 'operators-only\n',
    });
    expect(server).toContain('set $lockkeeper_flag "/flags/closed";');
    expect(server).toContain('set $lockkeeper_page "/flags/closed.html";');
    expect(server).toContain('if ($uri = "/live")');
    expect(server).toContain('if ($http_x_lockkeeper_bypass = "operators-only")');
    expect(server).toContain('if (-f "/flags/peer") { set $lockkeeper_peer lockkeeper_shop_b;');
    expect(upstreams).toContain('upstream lockkeeper_shop_b { server 127.0.0.1:8002 ');
    expect(said).toContain('proxy_pass http://$lockkeeper_peer;');
    expect(said).not.toContain('operators-only');
  });

  it.each([
    ['without the secret', settings(''), 'unreadable-secret'],
    [
      'without a closure',
      'version: 1\ntargets: {shop: {database: {url: "${DATABASE_URL}"}}}\n',
      'no-closure',
    ],
    ['with the secret in the file', settings('').replace('file:secret', 'hunter2'), 'settings-faults'],
  ])('%s says what is missing', async (_, text, code) => {
    await expect(nginx({ 'lockkeeper.yaml': text })).rejects.toMatchObject({ code });
  });
});

it('speaks JSON', async () => {
  const { said } = await init(project({ 'alembic.ini': '' }), { json: true });
  expect(JSON.parse(said)).toMatchObject({
    schemaVersion: 1,
    kept: null,
    found: ['alembic.ini in this folder'],
  });
});
