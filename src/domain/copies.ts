/** One file of a backup as it lies in a store. */
export interface CopiedFile {
  /** As the backup names it: see `filesOfBackup`. The manifest is one of them. */
  path: string;
  /** As the store names it. No two attempts ever write the same one. */
  key: string;
  /** Of the file itself, hexadecimal. */
  bytes: number;
  sha256: string;
  /** Of what is stored: encrypted, where the copy is. */
  storedBytes: number;
  storedSha256: string;
}

/** How a copy is encrypted: to whom, so that it is known which key is needed years later. */
export interface CopyEncryption {
  format: 'age';
  /** Public keys. Whoever has the private key of one of them can read the copy. */
  recipients: readonly string[];
  /** When it was decrypted with the escrowed key and was what had been written: ISO 8601; null: not tried. */
  escrowAt: string | null;
}

/**
 * A whole copy of a backup. The same text lies in the store, written last: without it what lies there is no copy.
 */
export interface CopyRecord {
  formatVersion: 1;
  backup: string;
  target: string;
  /** Of the snapshot, by the clock of the database: ISO 8601. */
  startedAt: string;
  /** The database that was backed up, so that a copy under the wrong name is found out. */
  database: { name: string; oid: number; systemId: string | null };
  copiedAt: string;
  encryption: CopyEncryption | null;
  files: readonly CopiedFile[];
}

/** A copy as the local backup knows it. */
export interface BackupCopy extends CopyRecord {
  /** Name of the store in the settings. */
  store: string;
  /** Where that was, for people: `s3://bucket/prefix`, or a folder. */
  where: string;
  /** Name of its record in the store. */
  key: string;
  /** When it was last read back from the store and was what had been written: ISO 8601. */
  checkedAt: string;
}

/** A copy that could not be made. The next backup tries again. */
export interface MissingCopy {
  store: string;
  at: string;
  why: string;
}

/** What `<name>.copies.json` holds, beside the manifest. */
export interface BackupCopies {
  formatVersion: 1;
  copies: readonly BackupCopy[];
  missing: readonly MissingCopy[];
}

/** Somebody who wants a backup kept. */
export interface Pin {
  by: string;
  at: string;
  why: string;
  /** The run that it is for: it is kept until that has ended, and for a while after it. */
  runId?: string;
}

/** Somebody who reads a backup right now. */
export interface Lease {
  /** A run, or a command. */
  by: string;
  why: string;
  at: string;
  /** From then on it does not count: its holder is dead, or would have renewed it. ISO 8601. */
  until: string;
}
