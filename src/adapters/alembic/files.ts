import { shell } from '../shell.js';
import { pythonCommand, type AlembicProject } from './project.js';

const read = (which: string) => `
import base64, json, os, sys
print(json.dumps({path: base64.b64encode(open(path, "rb").read()).decode() for path in sys.argv[1:]${which}}))
`;
const READ = read('');
const READ_THOSE_THERE = read(' if os.path.isfile(path)');

/**
 * Files of the project, read by its own Python, which may be in a container. Paths are relative to its folder.
 *
 * @param mayMiss - those that are not there are left out
 */
export async function readFiles(
  project: AlembicProject,
  paths: readonly string[],
  mayMiss = false,
): Promise<Map<string, Buffer>> {
  const text = mayMiss ? READ_THOSE_THERE : READ;
  const { stdout } = await shell(await pythonCommand(project, ['-c', text, ...paths]));
  const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, string>;
  return new Map(Object.entries(found).map(([path, text]) => [path, Buffer.from(text, 'base64')]));
}
