/**
 * npm run bench:high
 *
 * A whole high-risk deploy of the sample shop (r5: the type of a key) by Lockkeeper, against a shell script with the
 * same commands as a careful person would type them: dump, restore into a copy, forward, back, forward there, close
 * the site, dump again, migrate, verify, start the release, ask, open. Nobody thinks in either: the approval comes
 * at once. All begin at r4, alternately. The copy by hand is once a database of the same server, as most people do it,
 * and once on a server of its own, from where production cannot be reached and nothing queues behind it, as Lockkeeper's
 * is. Ends with one line of JSON: ratios, and the goals as upper bounds.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, two } from './numbers.mjs';
import { cli, dist, freePort, pgShell, ROUNDS, run, say, seconds, withShop } from './shop.mjs';

const { account } = await dist('adapters/account.js');
const { runnablePrograms } = await dist('adapters/postgres-programs.js');

const times = await withShop(async ({ home, place, stack, env, begin }) => {
  const scripts = { beside: beside(), private: await onItsOwn(place) };
  for (const [name, copy] of Object.entries(scripts))
    await writeFile(fileOf(home, name), byHand(place, stack, copy), { mode: 0o755 });
  const lockkeeper = (...args) => run(process.execPath, [cli, ...args], { cwd: home, env });
  const ours = [];
  const byHands = { beside: [], private: [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    await begin();
    await toR4(place, env);
    ours.push(await seconds(() => deploy(lockkeeper)));
    if (round === ROUNDS) say((await lockkeeper('report', 'shop')).stdout); // where the time went
    for (const [name, all] of Object.entries(byHands)) {
      await begin();
      await toR4(place, env);
      all.push(await seconds(() => run('sh', [fileOf(home, name)], { cwd: home, env })));
    }
    say(`round ${round}: ${told((all) => all.at(-1), ours, byHands)}`);
  }
  say(`\nhigh-risk deploy, medians of ${ROUNDS}: ${told(median, ours, byHands)}`);
  return { ours: median(ours), beside: median(byHands.beside), private: median(byHands.private) };
});

// The goal is 5 % and 3 seconds: the seconds are taken off before the comparison.
const ratios = {
  highLessThreeSecondsToByHand: two((times.ours - 3) / times.beside),
  highLessThreeSecondsToByHandOnAServerOfItsOwn: two((times.ours - 3) / times.private),
};
const goal = { highLessThreeSecondsToByHand: 1.05, highLessThreeSecondsToByHandOnAServerOfItsOwn: 1.05 };
console.log(JSON.stringify({ ratios, goal }));

function told(of, ours, { beside, private: own }) {
  const [first, second, third] = [ours, beside, own].map((all) => `${of(all).toFixed(2)} s`);
  return `Lockkeeper ${first}, by hand ${second}, by hand with a server for the copy ${third}`;
}

function fileOf(home, name) {
  return join(home, `high-by-hand-${name}.sh`);
}

/** It waits at the gate, and ends with 3 there; one approval, and it goes on. */
async function deploy(lockkeeper) {
  const asked = await lockkeeper('deploy', 'shop', '--release', 'r5', '--auto-migrate').catch(
    (ended) => ended,
  );
  const plan = /--plan ([0-9a-f]{12})/.exec(asked.stdout)?.[1];
  if (!plan) throw new Error(`the deploy did not wait for people:\n${asked.stdout}${asked.stderr}`);
  await lockkeeper('approve', 'shop', '--plan', plan);
  await lockkeeper('status', 'shop', '--watch');
}

async function toR4({ shop, tools: { python } }, env) {
  await run(python, ['-m', 'alembic', 'upgrade', 'head'], { cwd: join(shop, 'releases', 'r4'), env });
  await run(python, [join(shop, 'bin', 'serve'), 'start', 'r4'], { env });
}

/** The copy as a database of the same server. */
function beside() {
  return {
    make: `createdb shop_copy
pg_restore --exit-on-error -d shop_copy "$first"
copy=$(echo "$DATABASE_URL" | sed 's|/shop$|/shop_copy|')`,
    schema: 'true',
    end: 'dropdb shop_copy',
  };
}

/** The copy on a server of its own; its schema is looked at before and after. */
async function onItsOwn({ tools: { pgBin } }) {
  const as = await account();
  const programs = await runnablePrograms(pgBin, as, async () => '/var/tmp');
  const user = as ? `setpriv --reuid=${as.uid} --regid=${as.gid} --clear-groups ` : '';
  const port = await freePort();
  const at = `-h 127.0.0.1 -p ${port}`;
  return {
    make: `own=$(mktemp -d /var/tmp/by-hand-XXXXXX)
${as ? `chown ${as.uid}:${as.gid} $own` : ''}
cd /
${user}${programs}/initdb -D $own/data -A trust -U "$PGUSER" --no-sync > /dev/null
${user}${programs}/pg_ctl -D $own/data -w -l $own/log -o "-p ${port} -k '' -c listen_addresses=127.0.0.1" start > /dev/null
cd - > /dev/null
createdb ${at} shop_copy
pg_restore --exit-on-error ${at} -d shop_copy "$first"
copy=$(echo "$DATABASE_URL" | sed 's|@[^/]*/shop$|@127.0.0.1:${port}/shop_copy|')`,
    schema: `pg_dump -s ${at} shop_copy | grep -v restrict > "$first.$when.sql"`,
    end: `cmp "$first.before.sql" "$first.after.sql"
cd /
${user}${programs}/pg_ctl -D $own/data -m immediate stop > /dev/null
cd - > /dev/null
rm -r $own`,
  };
}

function byHand(place, stack, copy) {
  const { python } = place.tools;
  const alembic = `${python} -m alembic`;
  const sums = 'select count(*), round(sum(total), 2) from orders where id <=';
  const answers = (path, code) =>
    `until [ "$(curl -so /dev/null -w '%{http_code}' ${place.url}${path})" = ${code} ]; do sleep 0.1; done`;
  return `set -e
${pgShell(place, stack)}
cd ${place.shop}/releases/r5
${alembic} current
${alembic} upgrade head --sql > /dev/null
first=${place.home}/first.dump
pg_dump -Fc -f "$first" shop
${copy.make}
before=$(DATABASE_URL=$copy ${alembic} current 2> /dev/null | cut -d' ' -f1)
when=before
${copy.schema}
DATABASE_URL=$copy ${alembic} upgrade head
DATABASE_URL=$copy ${alembic} downgrade "$before"
when=after
${copy.schema}
DATABASE_URL=$copy ${alembic} upgrade head
${copy.end}
echo closed > ${place.flag}
${answers('/products', 503)}
pg_dump -Fc -f ${place.home}/second.dump shop
pg_restore --list ${place.home}/second.dump > /dev/null
mark=$(psql -XqAt -d shop -c 'select max(id) from orders')
before=$(psql -XqAt -d shop -c "${sums} $mark")
${alembic} upgrade head
test "$before" = "$(psql -XqAt -d shop -c "${sums} $mark")"
LOCKKEEPER_RELEASE=r5 ${python} ${place.shop}/bin/serve start
curl -sf ${place.url}/health > /dev/null
rm ${place.flag}
${answers('/products', 200)}
`;
}
