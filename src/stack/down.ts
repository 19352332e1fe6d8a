import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { withLock } from '../adapters/lock.js';
import { nginx } from './nginx.js';
import { placeOf, type Place } from './place.js';
import { postgres } from './postgres.js';
import type { Server } from './server.js';
import { liveState, mustBeOurs, writeState, type ServerState, type StackState } from './state.js';
import { stop, sweep } from './stop.js';
import { temporal } from './temporal.js';
import { forgetElsewhere, knownElsewhere } from './unprivileged.js';

export interface DownOptions {
  /** The folder of lockkeeper.yaml; default: the current one. */
  home?: string;
  /** Deletes the servers' data, logs and state too. */
  erase?: boolean;
  onProgress?: (text: string) => void;
}

/**
 * Stops the servers and leaves no process of theirs. Harmless when none runs.
 *
 * @returns what is known of them now; undefined when there never were any
 * @throws Problem `server-did-not-stop`, `folder-not-ours`, `stack-busy`
 */
export async function down(options: DownOptions = {}): Promise<StackState | undefined> {
  const { home = process.cwd(), erase = false, onProgress = () => {} } = options;
  const place = placeOf(home);
  if (!existsSync(place.logs)) return undefined;
  await mustBeOurs(place);
  return withLock(place.lock, async () => {
    const state = await liveState(place);
    await Promise.all([
      stopOne(nginx, place, state.nginx, onProgress),
      stopOne(temporal, place, state.temporal, onProgress),
      stopOne(postgres, place, state.postgres, onProgress),
    ]);
    if (erase) await forget(place);
    else writeState(place, state);
    return state;
  });
}

async function stopOne<S extends ServerState>(
  server: Server<S>,
  place: Place,
  state: S | undefined,
  onProgress: (text: string) => void,
): Promise<void> {
  if (!state) {
    for (const folder of [place[server.name], await knownElsewhere(place)])
      if (folder) await sweep(server, folder);
    return;
  }
  if (state.process) onProgress(`${server.called}: stopping`);
  await stop(server, state);
  delete state.process;
}

async function forget(place: Place): Promise<void> {
  await forgetElsewhere(place);
  for (const path of [place.postgres, place.temporal, place.nginx, place.logs, place.state])
    await rm(path, { recursive: true, force: true });
}

/** What is known of the servers; one that does not run has no process. Changes nothing. */
export const stackState = (home: string = process.cwd()): Promise<StackState> => liveState(placeOf(home));
