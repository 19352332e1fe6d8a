import { NAMES, patterns } from './test/support/in-turns.mjs';

/** ES modules under jest 30: run with NODE_OPTIONS=--experimental-vm-modules (scripts/test.mjs does). */
const common = {
  testEnvironment: 'node',
  rootDir: '.',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // NodeNext sources say './x.js'; on disk it is './x.ts'.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.lockkeeper/'],
};

export default {
  // Of a test that hangs: a slow machine with much else to do is to reach its end.
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/support/slowest-first.mjs',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/src/**/*.test.ts',
        '<rootDir>/test/*.test.ts',
        '<rootDir>/test/unit/**/*.test.ts',
      ],
    },
    { ...common, displayName: 'stories', testMatch: ['<rootDir>/test/workflows/**/*.test.ts'] },
    {
      ...common,
      displayName: 'services',
      // What `npm test` tells afterwards, as far as there is time.
      testPathIgnorePatterns: [
        '/node_modules/',
        ...patterns(process.env.LOCKKEEPER_STORIES === 'later' ? NAMES : []),
      ],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
      testMatch: ['<rootDir>/test/services/**/*.test.ts', '<rootDir>/test/end-to-end/**/*.test.ts'],
    },
  ],
};
