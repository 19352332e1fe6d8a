import pg from 'pg';

const admin = process.env['LK_TEST_URL'] ?? 'postgresql://postgres@127.0.0.1:54871/postgres';
let made = 0;
export async function freshDatabase(): Promise<{ url: string; name: string }> {
  const name = `t${process.pid}_${Date.now()}_${(made += 1)}`;
  const client = new pg.Client(admin);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return { url: admin.replace(/\/[^/]*$/, `/${name}`), name };
}
export const projectPython = process.env['LK_TEST_PYTHON'] ?? '/tmp/lk-bridge/new/bin/python';
