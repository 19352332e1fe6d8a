/** Who does what in the demo. */
export const people = { cho: 'cho@example.com', ana: 'ana@example.com', ben: 'ben@example.com' } as const;

/** One change of the shop, from its check to its end. */
export interface Part {
  /** What the last table calls it. */
  name: string;
  title: string;
  /** Said before it. */
  tells: string;
  /** A release that is looked at first, and what is said then. */
  check?: { release: string; tells: string };
  command: readonly string[];
  /** Who must approve it, in this order. */
  approvers: readonly string[];
  /** Said when it waits for them. */
  waits?: string;
  /** Whoever asked for it tries to approve it, and is refused. */
  refusesRequester?: boolean;
  /** It is meant to fail, and a person who rejects it is right. */
  mayBeRejected?: boolean;
  /** The part before which the database stood as it must stand after this one. */
  backTo?: string;
  /** What the CLI ends with. */
  exit: number;
  /** Said after it. */
  moral: string;
}

export const OPENING =
  'A shop with 300,000 orders goes from release to release, and its customers go on shopping, with 100 requests a ' +
  'second. Nothing is acted: PostgreSQL, nginx, Temporal and the commands are real. It takes about three minutes.';
export const BY_DEMO =
  'Where people must decide, the demo does it in the names of Ana and Ben, by the command that they would use; ' +
  'with --interactive it waits for you.';
export const AT_TERMINAL = 'Where people must decide, it waits for you.';

const deploy = (release: string, ...flags: string[]) => [
  ...['deploy', 'shop', '--release', release, '--auto-migrate'],
  ...flags,
];

const { ana, ben } = people;

/** The parts in order. Each begins where the one before has left the shop. */
export const story: readonly Part[] = [
  {
    name: 'r2',
    title: 'r2 adds a column and a table: low risk',
    tells: 'Cho has made a new release of the shop. What would it do?',
    check: {
      release: 'r2',
      tells: 'Nobody has to wait for that, so nobody is asked. It runs by itself:',
    },
    command: deploy('r2', '--backup', '--health-check'),
    approvers: [],
    exit: 0,
    moral: 'r2 runs, and the shop was open all the time.',
  },
  {
    name: 'r4',
    title: 'r4 builds an index on all orders: medium risk',
    tells:
      'An index takes a while on a big table. So it is backed up, and rehearsed on a restored copy: ' +
      'forward, back, and forward again. Then a person decides.',
    command: deploy('r4'),
    approvers: [ana],
    waits: 'Ana reads what the rehearsal came to, and approves.',
    exit: 0,
    moral: 'The index was built while orders came in.',
  },
  {
    name: 'r5',
    title: 'r5 changes the type of a key: high risk',
    tells: "The carrier's parcel numbers outgrow an integer.",
    check: {
      release: 'r5',
      tells:
        'All orders are written anew, and meanwhile nobody could use them: customers would see a shop that ' +
        'hangs. Better to close it for a moment, with a page that says so. All that takes long comes before.',
    },
    command: deploy('r5'),
    approvers: [ana],
    waits: 'Ana approves, and the shop is closed as soon as all is ready.',
    exit: 0,
    moral:
      'Customers saw the maintenance page (503), and /health stayed open. The second backup was taken ' +
      'when nobody could write any more: restoring it would have lost nothing. In the next part it must.',
  },
  {
    name: 'r6',
    title: 'r6 keeps money as whole cents, and has a bug: very high risk',
    tells: 'Totals are transformed, and the old column goes.',
    check: {
      release: 'r6',
      tells: 'Only a backup brings back what is lost. So two people must approve, and not Cho, who asks.',
    },
    command: deploy('r6'),
    approvers: [ana, ben],
    waits:
      'Look at the end of "rehearse": checks FAILED. The copy has shown that the migration rounds before it ' +
      'multiplies. Say that Ana and Ben have overlooked it late at night.',
    mayBeRejected: true,
    backTo: 'r6',
    exit: 1,
    moral:
      'After the migration the money was not what it had been. So the backup was restored beside the database ' +
      'and put in its place, and the shop opened again, with the release and every cent that it had before.',
  },
  {
    name: 'r7',
    title: 'r7 is the same without the bug: very high risk',
    tells: 'Cho has repaired it, and asks again.',
    command: deploy('r7'),
    approvers: [ana, ben],
    waits: 'Cho is sure by now, and would approve it himself. Then Ana does, and Ben.',
    refusesRequester: true,
    exit: 0,
    moral: 'Money is whole cents now, and the sum is the same.',
  },
  {
    name: 'r8',
    title: 'r8 adds a small thing: low risk',
    tells: 'Products get a description.',
    command: deploy('r8'),
    approvers: [],
    exit: 0,
    moral: 'It works. But nobody likes it.',
  },
  {
    name: 'r8 back',
    title: 'Rollback of r8',
    tells:
      'First the release that ran before, then the schema that it had, while the shop is open. A rollback that ' +
      'would lose what was written since would be refused.',
    command: ['rollback', 'shop'],
    approvers: [],
    backTo: 'r8',
    exit: 0,
    moral: 'r7 runs again, on exactly the schema that it had.',
  },
];
