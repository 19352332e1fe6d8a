import { stringify } from 'yaml';
import type { OldCodeAsked } from '../../../src/activities/old-code/asked.js';
import { lookAtWhoRuns } from '../../../src/activities/old-code/prove.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';
import { quietWork, SettingsHome } from '../../support/settings-home.js';

const COMPOSED = stringify({ services: { app: { image: 'acme/shop:latest' } } });
const compose: Says = [
  [/^compose version/, { stdout: '2.40.3' }],
  [/^compose .*config$/, { stdout: COMPOSED }],
];
const fails = (stderr: string): Says => [...compose, [/./, { stderr, code: 1 }]];

let home: SettingsHome;
afterEach(() => home.remove());

/** What is said of containers where the programs say this. */
async function looked(programs: Readonly<Record<string, Says>>) {
  const environment = { PATH: fakeTools(programs).env['PATH'] ?? '' };
  home = await SettingsHome.make({
    deploy: { compose: { file: 'compose.yml', fetch: 'none' }, environment },
  });
  const at = '2026-11-26T12:00:00.000Z';
  const target = home.home.target('shop');
  const asked: OldCodeAsked = { target, release: 'r2', since: at, began: at, later: [], taken: null };
  const { evidence, missing } = await lookAtWhoRuns(asked, quietWork());
  expect(evidence).toEqual([]);
  return missing;
}

it.each<[string, Record<string, Says>, RegExp]>([
  [
    'does not answer',
    { docker: fails('Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?') },
    /^containers: the Docker engine does not answer: Cannot connect .*; start it: systemctl start docker$/,
  ],
  [
    'may not be used',
    { docker: fails('permission denied while trying to connect to the Docker daemon socket at unix:///x') },
    /^containers: the worker may not use the Docker engine: permission denied .*; add its user to the group docker/,
  ],
  [
    'does not know the image of the release',
    {
      docker: [
        ...compose,
        [/^ps/, { stdout: '' }],
        [/^image/, { stderr: 'Error: No such image: acme/shop:r2', code: 1 }],
      ],
    },
    /^containers: the image of r2 is not known on this host$/,
  ],
  [
    'has no compose',
    { docker: [[/./, { code: 1 }]], 'docker-compose': [[/./, { code: 1 }]] },
    /^containers: neither the plugin/,
  ],
])('an engine that %s is named as not seen, with what to do', async (_, programs, says) => {
  expect(await looked(programs)).toEqual([expect.stringMatching(says)]);
});
