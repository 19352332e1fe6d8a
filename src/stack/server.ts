import type { Place } from './place.js';
import type { StopStep } from './process.js';
import type { Daemon } from '../adapters/run.js';
import type { PortName, SearchAttributeType, ServerName, ServerState } from './state.js';
import type { Tools } from './tools.js';

/** What the servers are started with. */
export interface Context {
  place: Place;
  tools: Tools;
  searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  onProgress: (text: string) => void;
}

export type Ports = Readonly<Partial<Record<PortName, number>>>;

/** One kind of server: what differs between the three. */
export interface Server<S extends ServerState> {
  name: ServerName;
  /** As people call it. */
  called: string;
  /** The command lines that its processes show. */
  looks: RegExp;
  /** Its ports, with the numbers that people know them by. */
  ports: Ports;
  stop: readonly StopStep[];
  /** How long it may take until it answers. */
  startMs: number;
  /** What its log says when a moment later it would have started. */
  passing?: RegExp;
  /** Where it keeps its things: depends on who we are and where the home lies. */
  folder: (place: Place) => Promise<string>;
  /** Makes the files that it needs. */
  prepare: (context: Context, folder: string, ports: Ports) => Promise<Prepared<S>>;
  answers: (context: Context, state: S) => Promise<boolean>;
  /** What is done each time that it is there. */
  setUp?: (context: Context, state: S) => Promise<S>;
}

export interface Prepared<S> {
  daemon: Pick<Daemon, 'file' | 'args' | 'as'>;
  /** All of its state that is no matter of course. */
  state: Omit<S, 'ports' | 'log' | 'folder' | 'process'>;
}

/** A port that `choosePorts` has chosen: there, or our mistake. */
export function chosen(ports: Ports, name: PortName): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port was chosen for ${name}`);
  return port;
}
