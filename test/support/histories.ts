import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

type Temporal = (args: readonly string[]) => Promise<{ out: string }>;

/**
 * Writes the event histories of all that a target's workflows did, as Temporal gives them, into a folder: one file
 * for each course of events, however often it was taken.
 */
export async function keepHistories(temporal: Temporal, target: string, folder: string): Promise<void> {
  const query = `LockkeeperTarget = '${target}'`;
  const listed = await temporal(['workflow', 'list', '--query', query, '-o', 'json']);
  const runs = JSON.parse(listed.out || '[]') as {
    execution: { workflowId: string; runId: string };
    type: { name: string };
    status: string;
  }[];
  await mkdir(folder, { recursive: true });
  for (const { execution, type, status } of runs) {
    const of = ['-w', execution.workflowId, '-r', execution.runId];
    const { out } = await temporal(['workflow', 'show', ...of, '-o', 'json']);
    const name = `${type.name}-${status.replace(/.*STATUS_/, '').toLowerCase()}-${courseOf(out)}.json.gz`;
    await writeFile(join(folder, name), gzipSync(out, { level: 9 }), { flag: 'wx' }).catch(unlessThere);
  }
}

/** What was recorded once stays as it is: later code must go on with it. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

interface Event {
  eventType: string;
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}

/** What happened in which order, in 8 characters. */
function courseOf(text: string): string {
  const { events } = JSON.parse(text) as { events: Event[] };
  const course = events.map((event) => [
    event.eventType,
    event.activityTaskScheduledEventAttributes?.activityType.name,
  ]);
  return createHash('sha256').update(JSON.stringify(course)).digest('hex').slice(0, 8);
}
