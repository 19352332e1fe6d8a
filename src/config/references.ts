/** `${NAME}`: taken from the environment of whoever reads the setting. */
const REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g;

const NAMES_A_SECRET = /(PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Why a text must not stand in the settings, or null: `postgresql://app:secret@db/shop` holds a password. */
export function whyNotInFile(text: string): string | null {
  if (text.startsWith('file:')) return null;
  const bare = text.replace(REFERENCE, '');
  const hasPassword = /:\/\/[^/@\s:]*:[^/@\s]+@/.test(bare) || /\bpassword=[^&\s]/i.test(bare);
  return hasPassword ? 'expected no password in the file: write ${NAME} (environment) or file:PATH' : null;
}

/** The same for an environment variable, whose name tells as well. */
export const whyVariableNotInFile = (name: string, text: string): string | null =>
  NAMES_A_SECRET.test(name) && text !== '' && !text.startsWith('file:') && !text.includes('${')
    ? `expected no secret in the file: write \${${name}} (environment) or file:PATH`
    : whyNotInFile(text);

/** Why a text cannot lead to a database, or null. */
export const whyNoDatabaseUrl = (text: string): string | null =>
  /^(\$\{[A-Za-z_]|file:.|postgres(ql)?(\+\w+)?:\/\/)/.test(text)
    ? whyNotInFile(text)
    : 'expected ${NAME}, file:PATH or postgresql://…';

/** Why a text that must be a secret must not stand in the settings as it is, or null. */
export const whyNoReference = (text: string): string | null =>
  /^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+)$/.test(text)
    ? null
    : 'expected no secret in the file: write ${NAME} (environment) or file:PATH';

const HEADER_OF_SECRETS = /^(proxy-)?authorization$|^cookie$|(secret|token|key|password|signature)$/i;

/** Why a header must not stand in the settings as it is, or null. */
export const whyHeaderNotInFile = (header: string, text: string): string | null =>
  HEADER_OF_SECRETS.test(header) && !text.startsWith('file:') && !text.includes('${')
    ? 'expected no secret in the file: write ${NAME} (environment) or file:PATH'
    : whyNotInFile(text);

/** Why a text cannot be the URL of a webhook, or null. */
export const whyNoHookUrl = (text: string): string | null =>
  text.startsWith('file:') || text.startsWith('${') || /^https?:\/\/[^/]/.test(text)
    ? whyNotInFile(text)
    : 'expected ${NAME}, file:PATH or a URL such as https://chat.example.com/hook';
