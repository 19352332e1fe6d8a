/**
 * npm run bench:high
 *
 * A whole high-risk deploy of the sample shop (r5: the type of a key) by Lockkeeper, against a shell script with the
 * same commands as a careful person would type them: dump, restore into a copy, forward, back, forward there, close
 * the site, dump again, migrate, verify, start the release, ask, open. Nobody thinks in either: the approval comes
 * at once. Both begin at r4, alternately. Ends with one line of JSON: ratios, and the goals as upper bounds.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, two } from './numbers.mjs';
import { cli, pgShell, ROUNDS, run, say, seconds, withShop } from './shop.mjs';

const times = await withShop(async ({ home, place, stack, env, begin }) => {
  const scriptFile = join(home, 'high-by-hand.sh');
  await writeFile(scriptFile, byHand(place, stack), { mode: 0o755 });
  const lockkeeper = (...args) => run(process.execPath, [cli, ...args], { cwd: home, env });
  const ours = [];
  const script = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await begin();
    await toR4(place, env);
    ours.push(await seconds(() => deploy(lockkeeper)));
    if (round === ROUNDS) say((await lockkeeper('report', 'shop')).stdout); // where the time went
    await begin();
    await toR4(place, env);
    script.push(await seconds(() => run('sh', [scriptFile], { cwd: home, env })));
    say(`round ${round}: Lockkeeper ${ours.at(-1).toFixed(2)} s, by hand ${script.at(-1).toFixed(2)} s`);
  }
  return { ours: median(ours), script: median(script) };
});

say(
  `\nhigh-risk deploy   ${times.ours.toFixed(2)} s by Lockkeeper, ${times.script.toFixed(2)} s by hand (medians of ${ROUNDS})`,
);
// The goal is 5 % and 3 seconds: the seconds are taken off before the comparison.
const ratios = { highLessThreeSecondsToByHand: two((times.ours - 3) / times.script) };
console.log(JSON.stringify({ ratios, goal: { highLessThreeSecondsToByHand: 1.05 } }));

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

function byHand(place, stack) {
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
pg_dump -Fc -f ${place.home}/first.dump shop
createdb shop_copy
pg_restore --exit-on-error -d shop_copy ${place.home}/first.dump
copy=$(echo "$DATABASE_URL" | sed 's|/shop$|/shop_copy|')
before=$(DATABASE_URL=$copy ${alembic} current 2> /dev/null | cut -d' ' -f1)
DATABASE_URL=$copy ${alembic} upgrade head
DATABASE_URL=$copy ${alembic} downgrade "$before"
DATABASE_URL=$copy ${alembic} upgrade head
dropdb shop_copy
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
