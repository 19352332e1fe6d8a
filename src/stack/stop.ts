import { serverDidNotStop } from '../domain/problems/stack.js';
import { end, identify, listed, type Listed } from './process.js';
import type { Server } from './server.js';
import type { ServerState } from './state.js';

/** Ends a server and whatever is left of it. @throws Problem `server-did-not-stop` */
export async function stop<S extends ServerState>(server: Server<S>, state: S): Promise<void> {
  const left = state.process ? await end([state.process], [...server.stop]) : [];
  if (left.length > 0) throw serverDidNotStop(server.called, pidsOf(left));
  await sweep(server, state.folder);
}

/**
 * Ends the processes of a server that no state knows: of a start that was killed before it could write
 * one, of a folder that was deleted, or the children of a server that was killed.
 *
 * @throws Problem `server-did-not-stop`
 */
export async function sweep<S extends ServerState>(server: Server<S>, folder: string): Promise<void> {
  const all = await listed();
  const ours = all.filter((process) => server.looks.test(process.command) && worksIn(process, folder));
  const known = await Promise.all(ours.map(({ pid }) => identify(pid)));
  const left = await end(
    known.filter((process) => process !== undefined),
    [...server.stop],
  );
  if (left.length > 0) throw serverDidNotStop(server.called, pidsOf(left));
}

const worksIn = ({ command, folder }: Listed, ours: string): boolean =>
  `${folder}/`.startsWith(`${ours}/`) || `${command}/`.includes(`${ours}/`);

const pidsOf = (processes: { pid: number }[]): number[] => processes.map(({ pid }) => pid);
