import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What judges SQL, some two hundred small files; what it judges against, which is needed without it, too; and what
 * reads the settings, which every command does, with the libraries that it alone uses, some two hundred files more.
 */
const JOINED = {
  'schemas.js': { folders: ['schema'], packages: [] },
  'judging.js': { folders: ['rules', 'locks'], packages: [] },
  'settings.js': { folders: ['config'], packages: ['zod', 'yaml'] },
};

/**
 * Joins the compiled rules and what they need into one file, and the settings into another, and lets each of the
 * small files hand on what is its own from there: to open and link two hundred modules takes Node longer than to
 * check a file of SQL.
 *
 * @param {string} made - folder of the compiled sources
 */
export async function joinModules(made) {
  for (const [joined, inside] of Object.entries(JOINED)) await joinFolders(made, joined, inside);
}

async function joinFolders(made, joined, { folders, packages }) {
  const files = await modulesIn(made, folders);
  const entry = join(made, `entry-of-${joined}`);
  await writeFile(entry, files.map(({ file, id, names }) => handOn(names, id, `./${file}`, 'in')).join('\n'));
  // Not above: the packages are installed by who imports this.
  const { default: webpack } = await import('webpack');
  await compile(webpack, { made, entry, joined, folders, packages });
  if (packages.length) await addLicences(join(made, joined), packages);
  for (const { file, id, names } of files) {
    const from = relative(dirname(file), joined);
    await writeFile(join(made, file), handOn(names, id, from.startsWith('.') ? from : `./${from}`, 'out'));
  }
  await rm(entry);
}

/** Those that only hold types stay as they are. */
async function modulesIn(made, folders) {
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(made, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  const files = listed.flat().filter((name) => name.endsWith('.js'));
  const read = files.sort().map(async (file) => ({
    file,
    id: file.replace(/\.js$/, '').replace(/\W/g, '_'),
    names: Object.keys(await import(pathToFileURL(join(made, file)).href)),
  }));
  return (await Promise.all(read)).filter(({ names }) => names.length > 0);
}

/** Names of several files meet in the joined one: there each carries its file's. */
function handOn(names, id, from, direction) {
  const pairs = names.map((name) =>
    direction === 'in' ? `${name} as ${id}__${name}` : `${id}__${name} as ${name}`,
  );
  return `export { ${pairs.join(', ')} } from '${from}';\n`;
}

const compile = (webpack, { made, entry, joined, folders, packages }) =>
  new Promise((resolve, reject) => {
    const options = {
      mode: 'production',
      target: 'node20',
      entry,
      experiments: { outputModule: true },
      externalsType: 'module',
      externals: [outside(made, entry, folders, packages)],
      output: { path: made, filename: joined, library: { type: 'module' } },
      optimization: { minimize: false },
    };
    webpack(options, (error, stats) => {
      if (error || stats.hasErrors())
        reject(error ?? new Error(stats.toString({ all: false, errors: true })));
      else resolve();
    });
  });

/** Who copies a library hands on its licence. */
async function addLicences(file, packages) {
  const { resolve } = createRequire(import.meta.url);
  const read = packages.map(async (name) => {
    const licence = await readFile(join(dirname(resolve(`${name}/package.json`)), 'LICENSE'), 'utf8');
    return `/*\n${name}:\n\n${licence.trim()}\n*/\n`;
  });
  await writeFile(file, (await Promise.all(read)).join('') + (await readFile(file, 'utf8')));
}

/** All else stays what it is, one module for everybody: the classes of its errors are told apart by it. */
const outside =
  (made, entry, folders, packages) =>
  ({ context, request }, decide) => {
    const path = relative(made, join(context, request));
    const isInside =
      request === entry ||
      folders.includes(path.split('/')[0]) ||
      packages.some((name) => request === name || `${context}/`.includes(`/node_modules/${name}/`));
    if (isInside) decide();
    else decide(null, request.startsWith('.') ? `./${path}` : request);
  };
