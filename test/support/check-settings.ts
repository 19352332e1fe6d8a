import { projectPython } from './servers.js';

/** A target whose database is that of DATABASE_URL. @param check - its section `check`, as YAML */
export const checkSettings = (check: string): string => `version: 1
targets:
  shop:
    database: { url: '\${DATABASE_URL}' }
    alembic: { python: ${projectPython} }
    check: ${check}
`;
