import { Problem } from '../problem.js';

/** The store could not be reached, or failed by itself: a moment later it may work. */
export const storeUnreachable = (where: string, why: string) =>
  new Problem('store-unreachable', {
    what: `the store ${where} does not answer as it should`,
    why,
    next: ['see that it runs and can be reached from here', 'the backup itself is whole; try again'],
    retry: true,
  });

/** The store says no: wrong or expired credentials, no such bucket, no permission. */
export const storeRefuses = (where: string, why: string) =>
  new Problem('store-refuses', {
    what: `the store ${where} refuses`,
    why,
    next: [
      'correct the credentials, the bucket or its policy: backup.copies in lockkeeper.yaml names where they come from',
      'the backup itself is whole; try again',
    ],
    retry: false,
  });

/** There is something under the name already, and it is not what would be written. */
export const storeKeyTaken = (where: string, key: string) =>
  new Problem('store-key-taken', {
    what: `${where} has another ${key} already; nothing was written over it`,
    next: [
      'see whose it is: two targets, or two hosts, must not share a prefix or folder',
      'give each its own: prefix or folder in backup.copies',
    ],
    retry: false,
  });

/** What was read back from the store is not what was written to it. */
export const storeLies = (where: string, key: string, why: string) =>
  new Problem('store-lies', {
    what: `${where} said that it had taken ${key}, and does not give it back`,
    why,
    next: ['do not rely on this store until it is known why', 'the backup itself is whole; try again'],
    retry: true,
  });

/** The file that was to be copied is not the one that was backed up. */
export const copiedWhatIsDamaged = (path: string, why: string) =>
  new Problem('backup-damaged', {
    what: `the backup ${path} is not what was written; it was not copied`,
    why,
    next: ['check the disk that holds it', 'take a new backup'],
    retry: false,
  });

/** The private key is not to be had, or is not that of the recipients: the copies could never be read. */
export const escrowFailed = (why: string) =>
  new Problem('escrow-failed', {
    what: 'what is encrypted for backup.encryption.recipients cannot be decrypted with the escrowed key; no copy was made',
    why,
    next: [
      'see that backup.encryption.escrow leads to the private key of one of the recipients',
      'the backup itself is whole; try again',
    ],
    retry: false,
  });

/** A copy was decrypted with the escrowed key, and is something else. */
export const escrowDiffers = (where: string, key: string) =>
  new Problem('escrow-differs', {
    what: `${key} of ${where}, decrypted with the escrowed key, is not what was backed up`,
    next: [
      'do not rely on this copy: it does not count',
      'see what backup.encryption.escrow.command prints',
      'the backup itself is whole; try again',
    ],
    retry: true,
  });

/** A copy is there, and nothing here can read it. */
export const copyEncrypted = (where: string, recipients: readonly string[]) =>
  new Problem('copy-encrypted', {
    what: `the copy in ${where} is encrypted, and its key is not to be had here`,
    why: `it was encrypted for ${recipients.join(', ')}`,
    next: ['name the private key: backup.encryption.escrow.identity or .command', 'try again'],
    retry: false,
  });

/** Copies that are needed could not be made. The local backup is whole, and stays. */
export const copiesFailed = (
  backup: string,
  failed: readonly { store: string; problem: Problem }[],
): Problem => {
  const [only] = failed;
  return new Problem(only && failed.length === 1 ? only.problem.code : 'copies-failed', {
    what: `the backup ${backup} is whole here, but was not copied to ${failed.map(({ store }) => store).join(', ')}`,
    why: failed.map(({ store, problem }) => `${store}: ${problem.message}`).join('; '),
    next: [
      ...new Set(failed.flatMap(({ problem }) => problem.told.next)),
      'or let a backup count without this copy: required: false in backup.copies',
    ],
    retry: failed.every(({ problem }) => problem.told.retry),
  });
};

/** Neither the archive nor a copy of it can be used. `older`: the next proven backup, if there is one. */
export const noWholeCopy = (
  backup: string,
  why: string,
  aside: string,
  tried: readonly string[],
  code: string,
  older: { id: string; startedAt: string } | undefined,
) =>
  // Without copies it is what it was.
  new Problem(tried.length ? 'backup-lost' : code, {
    what: `the backup ${backup} is ${code === 'backup-missing' ? 'gone' : 'not what was written'}${tried.length ? ', and no copy of it can be used' : ''}; it was not used`,
    why: [why, ...tried, ...(aside ? [`its archive is put aside as ${aside}`] : [])].join('; '),
    next: [
      older
        ? `the next older proven backup is ${older.id} of ${older.startedAt}: restore that one`
        : 'there is no older proven backup here',
      'or bring back a good copy of its files by hand',
      'take a new backup now, and see which disk or store has lost it',
    ],
    retry: false,
  });

/** There is nothing to fetch a backup from. */
export const noCopyInStores = (target: string, wanted: string, stores: readonly string[]) =>
  new Problem('no-such-copy', {
    what: stores.length
      ? `${stores.join(', ')} ${stores.length === 1 ? 'has' : 'have'} no copy of a backup ${wanted} of ${target}`
      : `${target} has no stores with copies`,
    next: [
      'see what is there: lockkeeper backup list --copies',
      'or correct backup.copies in lockkeeper.yaml',
    ],
    retry: false,
  });

/** It is being deleted, or about to be. */
export const backupExpires = (backup: string) =>
  new Problem('backup-expires', {
    what: `the backup ${backup} is being deleted, because backup.keep asks for no more than newer ones`,
    next: ['name another one: lockkeeper backup list'],
    retry: false,
  });

/** Another process of ours deletes backups of this target. */
export const expiryBusy = (folder: string, holder: string) =>
  new Problem('expiry-busy', {
    what: `backups in ${folder} are being expired by ${holder}`,
    next: ['wait until it is done, then start again'],
    retry: true,
  });

/** Nothing was deleted, because the times cannot be trusted. */
export const expiryRefused = (why: string) =>
  new Problem('expiry-refused', {
    what: 'no backup was deleted, because the clock cannot be trusted',
    why,
    next: ['correct the clock of this host (timedatectl), then start again'],
    retry: false,
  });

export const noKeepPolicy = (target: string) =>
  new Problem('no-keep-policy', {
    what: `${target} has no backup.keep: all backups are kept`,
    next: ['say in lockkeeper.yaml which are kept, such as backup.keep: {last: 7, weekly: 4}'],
    retry: false,
  });

/** An export must never take the place of what is there. */
export const exportExists = (path: string) =>
  new Problem('export-exists', {
    what: `there is ${path} already; nothing was written over it`,
    next: ['name another place: --to PATH', 'or move that file away'],
    retry: false,
  });

export const exportFailed = (path: string, why: string) =>
  new Problem('export-failed', {
    what: `${path} was not written whole, and was removed`,
    why,
    next: [`see that its disk has room: df -h ${path}`, 'try again'],
    retry: true,
  });
