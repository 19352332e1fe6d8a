/** Who a database is asked for, and by what. */
export interface Login {
  user: string;
  database: string;
  host: string;
  password?: string;
}

const IN_URL = /(postgres(?:ql)?(?:\+\w+)?:\/\/[^:/?#\s@]*):\S*@/g;
const IN_TEXT = /(\bpassword\s*=\s*)('[^']*'|[^\s&'"]+)/gi;

/**
 * A variable of the environment as a program may have it that is not to reach the database: a URL keeps all but its password,
 * so that settings which are read from it can still be read; what else has the password in it is empty.
 */
export function withoutPassword(name: string, value: string, login: Login): string {
  const { password, user, database, host } = login;
  const shortened = value.replace(IN_URL, '$1@').replace(IN_TEXT, '$1');
  if (!password || !shortened.includes(password)) return shortened;
  // A password that is the name of the user, too, gives nothing away where that stands.
  const isName = [user, database, host].some((each) => each.includes(password));
  return isName && !/pass|pwd|secret/i.test(name) ? shortened : '';
}
