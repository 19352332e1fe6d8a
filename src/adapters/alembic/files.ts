import { shell } from '../shell.js';
import { pythonCommand, type AlembicProject } from './project.js';

const READ = `
import base64, json, sys
print(json.dumps({path: base64.b64encode(open(path, "rb").read()).decode() for path in sys.argv[1:]}))
`;

/** Files of the project, read by its own Python, which may be in a container. Paths are relative to its folder. */
export async function readFiles(
  project: AlembicProject,
  paths: readonly string[],
): Promise<Map<string, Buffer>> {
  const { stdout } = await shell(await pythonCommand(project, ['-c', READ, ...paths]));
  const read = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, string>;
  return new Map(Object.entries(read).map(([path, text]) => [path, Buffer.from(text, 'base64')]));
}
