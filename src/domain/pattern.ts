/** Text as a regular expression that fits it and nothing else. */
export const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern as a regular expression: `*` is any text, `?` any character. */
export const patternOf = (glob: string): RegExp =>
  new RegExp(`^${literally(glob).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, 's');
