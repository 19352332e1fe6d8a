import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseUrl } from '../stack/environment.js';
import type { StackState } from '../stack/state.js';
import type { Tools } from '../stack/tools.js';

const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where everything of the demo lies, and how its parts are called. */
export interface DemoPlace {
  /** A project like a user's: lockkeeper.yaml, and .lockkeeper beside it. */
  home: string;
  settings: string;
  state: string;
  shop: string;
  /** The file that closes the shop, where nginx looks for it: see examples/shop/nginx. */
  flag: string;
  port: number;
  url: string;
  tools: Tools;
  stack: StackState;
  /** What a user would have set in the shell. */
  env: Readonly<Record<string, string>>;
}

/** The demo's own folder, beside the state of whatever else is done in this one. */
export const demoHome = (): string => join(process.cwd(), '.lockkeeper', 'demo');

export const shopFolder = join(packageRoot, 'examples', 'shop');

export function placeOfDemo(stack: StackState, tools: Tools, port: number): DemoPlace {
  const { postgres, nginx } = stack;
  if (!postgres || !nginx) throw new Error('the demo needs PostgreSQL and nginx');
  const home = demoHome();
  return {
    home,
    settings: join(home, 'lockkeeper.yaml'),
    state: join(home, '.lockkeeper'),
    shop: shopFolder,
    flag: join(home, 'shop', 'closure', 'flag'),
    port,
    url: `http://127.0.0.1:${port}`,
    tools,
    stack,
    env: {
      DATABASE_URL: databaseUrl(postgres, 'shop'),
      SHOP_HOME: join(home, 'shop'),
      SHOP_PYTHON: tools.python,
      SHOP_PORT: String(port),
      SHOP_NGINX: [tools.nginx, '-p', nginx.folder, '-c', nginx.conf].join(' '),
      SHOP_NGINX_SITE: join(nginx.sites, 'shop.conf'),
    },
  };
}

/** Where Temporal's Web UI shows the runs of the shop. */
export const webUi = ({ stack }: DemoPlace): string =>
  `${stack.temporal?.uiUrl}/namespaces/default/workflows/lockkeeper%3Ashop`;
