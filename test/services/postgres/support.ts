import { readFileSync } from 'node:fs';
import { withClient } from '../../../src/adapters/postgres/client.js';
const v = process.env['LK_PG'] ?? '18';
const port = Number(readFileSync(`/tmp/lk-db/port${v}`, 'utf8'));
const url = (db: string) => `postgresql://postgres:secret@127.0.0.1:${port}/${db}`;
export const servers = async () => ({
  postgres: {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: 'secret',
    url,
    bin:
      v === '18'
        ? '/tmp/venv/v/lib/python3.11/site-packages/embedded_postgres/pginstall/bin'
        : '/usr/lib/postgresql/15/bin',
  },
});
let n = 0;
export async function freshDatabase(template = 'template0') {
  const name = `t_${process.pid}_${(n += 1)}`;
  const run = (sql: string) => withClient(url('postgres'), { applicationName: 'test' }, (c) => c.query(sql));
  await run(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { name, url: url(name), drop: async () => void (await run(`DROP DATABASE ${name} WITH (FORCE)`)) };
}
