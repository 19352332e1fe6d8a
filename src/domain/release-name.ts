/**
 * Whether a text can name a release: it becomes part of paths and of image names, so that nothing may lead out of
 * a folder or be taken for an option.
 */
export const isReleaseName = (text: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._+:@/-]{0,127}$/.test(text) && !text.includes('..');
