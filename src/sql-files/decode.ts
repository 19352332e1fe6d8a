/** A file's bytes as text, and why PostgreSQL would not take them as they are. */
export interface Decoded {
  text: string;
  /** What is wrong with the bytes, and the line of it. */
  fault?: { line: number; why: string };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Files are read as UTF-8. Others are read as what they seem to be, so that their statements can still be judged,
 * and have a fault: with the server's usual settings they would fail, or store other letters than were meant.
 */
export function decode(bytes: Uint8Array): Decoded {
  const wide = wideEncoding(bytes);
  if (wide)
    return {
      text: new TextDecoder(wide).decode(bytes),
      fault: { line: 1, why: `the file is written in ${wide.toUpperCase()}, not in UTF-8` },
    };
  try {
    return { text: strict.decode(bytes) };
  } catch {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = firstWrongByte(buffer);
    const before = buffer.subarray(0, at).toString('latin1');
    return {
      text: buffer.toString('latin1'),
      fault: {
        line: before.split('\n').length,
        why: `the byte 0x${buffer[at]?.toString(16) ?? ''} is no UTF-8; is the file written in Latin-1?`,
      },
    };
  }
}

/** By its first two bytes, or because every other one is NUL, as in ASCII that was written in UTF-16. */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first && second === 0 && third && fourth === 0) return 'utf-16le';
  return first === 0 && second && third === 0 && fourth ? 'utf-16be' : undefined;
}

/** Reading replaces what is wrong by U+FFFD, so that from there on the bytes differ. */
function firstWrongByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8');
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at += 1;
  return at;
}
