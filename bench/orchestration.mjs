/**
 * npm run bench:orchestration
 *
 * What Lockkeeper costs beside what it does. In one run, on this machine:
 *   deploy  a whole low-risk deploy of the sample shop by `lockkeeper deploy`, against a shell script with the
 *           same commands (alembic, the verification queries, the deploy command, the health check)
 *   worker  seconds until a worker listens, and its memory above a Temporal worker that has no workflows' tools
 *   help    milliseconds of `lockkeeper --help`
 * Ends with one line of JSON: ratios, and the goals as upper bounds. Medians; the machine may be busy.
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, two } from './numbers.mjs';
import { cli, pgShell, root, ROUNDS, run, say, seconds, withShop } from './shop.mjs';

await withShop(async (shop) => {
  const { ours, script } = await compareDeploys(shop);
  const worker = await compareWorkers(shop);
  report({ ours, script, worker, help: await timeHelp() });
});

/** Both ways alternate, each from the same beginning: r1 runs, on its schema. */
async function compareDeploys({ home, place, stack, env, begin }) {
  const scriptFile = join(home, 'deploy-by-hand.sh');
  await writeFile(scriptFile, byHand(place, stack), { mode: 0o755 });
  const ours = [];
  const script = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await begin();
    ours.push(
      await seconds(() =>
        run(process.execPath, [cli, 'deploy', 'shop', '--release', 'r2', '--auto-migrate'], {
          cwd: home,
          env,
        }),
      ),
    );
    await begin();
    script.push(await seconds(() => run('sh', [scriptFile], { cwd: home, env })));
    say(
      `deploy, round ${round}: Lockkeeper ${ours.at(-1).toFixed(2)} s, shell script ${script.at(-1).toFixed(2)} s`,
    );
  }
  return { ours: median(ours), script: median(script) };
}

/** What a careful person's script would do: look, migrate, verify, deploy, ask. */
function byHand(place, stack) {
  const { python } = place.tools;
  const sums = 'select count(*), sum(total) from orders where id <=';
  const psql = 'psql -XqAt -d shop -c';
  return `set -e
${pgShell(place, stack)}
cd ${place.shop}/releases/r2
${python} -m alembic current
${python} -m alembic upgrade head --sql > /dev/null
mark=$(${psql} 'select max(id) from orders')
before=$(${psql} "${sums} $mark")
${python} -m alembic upgrade head
test "$before" = "$(${psql} "${sums} $mark")"
test -z "$(${psql} "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = 'public' and c.relname <> 'alembic_version' and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)")"
LOCKKEEPER_RELEASE=r2 ${python} ${place.shop}/bin/serve start
curl -sf ${place.url}/health > /dev/null
`;
}

/** Start until it listens, and memory then, of ours and of a worker with our workflows' bundle and no activities. */
async function compareWorkers({ home, env, stopWorker }) {
  await stopWorker();
  const empty = join(root, 'bench', 'empty-worker.mjs');
  const ours = [];
  const none = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    ours.push(await startOf([cli, 'worker'], home, env));
    none.push(await startOf([empty], home, env));
  }
  const of = (all, key) => median(all.map((each) => each[key]));
  return { seconds: of(ours, 'seconds'), mib: of(ours, 'mib'), emptyMib: of(none, 'mib') };
}

async function startOf(args, home, env) {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const data of child.stdout) if (String(data).includes('worker is ready')) break;
  const took = (performance.now() - began) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const mib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return { seconds: took, mib };
}

async function timeHelp() {
  const times = [];
  for (let round = 0; round < 15; round += 1)
    times.push(await seconds(() => run(process.execPath, [cli, '--help'])));
  return median(times) * 1000;
}

function report({ ours, script, worker, help }) {
  say(
    `\ndeploy        ${ours.toFixed(2)} s by Lockkeeper, ${script.toFixed(2)} s by the script (medians of ${ROUNDS})`,
  );
  say(
    `worker        listens after ${worker.seconds.toFixed(2)} s; ${worker.mib.toFixed(0)} MiB, an empty one ${worker.emptyMib.toFixed(0)} MiB`,
  );
  say(`--help        ${help.toFixed(0)} ms`);
  const ratios = {
    // The goal is 5 % and 2 seconds: the seconds are taken off before the comparison.
    deployLessTwoSecondsToScript: two((ours - 2) / script),
    workerStartToTwoSeconds: two(worker.seconds / 2),
    workerMemoryAboveEmptyToSixtyMib: two((worker.mib - worker.emptyMib) / 60),
    helpTo250Ms: two(help / 250),
  };
  const goal = {
    deployLessTwoSecondsToScript: 1.05,
    workerStartToTwoSeconds: 1,
    workerMemoryAboveEmptyToSixtyMib: 1,
    helpTo250Ms: 1,
  };
  console.log(JSON.stringify({ ratios, goal }));
}
