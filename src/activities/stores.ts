import { resolve } from 'node:path';
import { type Escrow, escrowOfCommand, escrowOfIdentity } from '../adapters/store/escrow.js';
import { FolderStore } from '../adapters/store/folder.js';
import type { Store } from '../adapters/store/store.js';
import type { CopySetting } from '../config/backup.js';
import { resolvedWhole } from '../config/secrets.js';
import type { Target } from './home.js';

/**
 * The store of one of the target's `backup.copies`. Its credentials are read now, and kept nowhere.
 *
 * @throws Problem `missing-secret`, `unreadable-secret`
 */
export async function storeOf(target: Target, { name, folder, s3 }: CopySetting): Promise<Store> {
  if (folder !== undefined) return new FolderStore(name, resolve(target.config.folder, folder));
  const { bucket, prefix, region, endpoint, pathStyle, ...secrets } = s3!;
  // What speaks S3 takes a while to load, and most targets need none of it.
  const { S3Store } = await import('../adapters/store/s3.js');
  const at = (key: string) => `backup.copies.${name}.s3.${key}`;
  const { accessKeyId, secretAccessKey, sessionToken } = secrets;
  return new S3Store({
    ...{ name, bucket, prefix, region, pathStyle: pathStyle ?? endpoint !== undefined },
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey
      ? {
          credentials: {
            accessKeyId: target.secret(accessKeyId, at('accessKeyId')),
            secretAccessKey: target.secret(secretAccessKey, at('secretAccessKey')),
            ...(sessionToken ? { sessionToken: target.secret(sessionToken, at('sessionToken')) } : {}),
          },
        }
      : {}),
  });
}

/** The store that a copy lies in; undefined: the settings do not know it any more. @throws as `storeOf` */
export async function storeOfCopy(target: Target, { store }: { store: string }): Promise<Store | undefined> {
  const setting = target.settings.backup.copies.find(({ name }) => name === store);
  return setting && storeOf(target, setting);
}

/** Whoever can decrypt the target's copies, when the settings name somebody. */
export function escrowOf({ settings, config, command }: Target): Escrow | undefined {
  const escrow = settings.backup.encryption?.escrow;
  if (escrow?.command !== undefined) return escrowOfCommand(command(escrow.command, {}));
  if (escrow?.identity === undefined) return undefined;
  const { identity } = escrow;
  return {
    // Read when it is used: a key on a stick need not be there all the time.
    decrypt: (body, signal) =>
      escrowOfIdentity(resolvedWhole(identity, 'backup.encryption.escrow.identity', config.folder)).decrypt(
        body,
        signal,
      ),
  };
}
