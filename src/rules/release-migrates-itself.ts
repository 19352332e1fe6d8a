import { defineRule } from './rule.js';

export default defineRule({
  id: 'release-migrates-itself',
  risk: 'low',
  effect:
    'The release upgrades the database when it starts: unchecked, without a backup, in every copy of it at ' +
    'once. With --skip-migrate, and when an older release is put back, it does what nobody has approved.',
  blocks: 'whatever its migration blocks',
  instead: {
    says: 'Take the upgrade out of the image and its start command, and let Lockkeeper run it.',
    sql: '-- none: it is the start command that must change',
    alembic: '# Dockerfile\n# CMD ["uvicorn", "app:app"]',
  },
  language: 'python',
  bad: '# Dockerfile\n# CMD alembic upgrade head && uvicorn app:app',
  good: '# Dockerfile\n# CMD ["uvicorn", "app:app"]',
});
