import type { Node } from '../sql/ast.js';
import { nameOf, nameOfObject, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'replication-changed',
  risk: 'medium',
  effect:
    'What is published, or taken in, changes: subscribers lack rows or get rows twice, and a published table ' +
    'without a key refuses UPDATE and DELETE (55000).',
  blocks: 'nobody; a slot that nobody reads keeps WAL until the disk is full',
  breaksRunning: true,
  instead: {
    says: 'Change replication apart from the release, and look at its slots before and after.',
    sql: 'SELECT slot_name, active, wal_status FROM pg_replication_slots;',
    alembic: '# no revision: a change of replication by hand, with a look at its slots',
  },
  on: [
    'CreatePublicationStmt',
    'AlterPublicationStmt',
    'CreateSubscriptionStmt',
    'AlterSubscriptionStmt',
    'DropSubscriptionStmt',
    'DropStmt',
  ],
  bad: 'ALTER PUBLICATION shop DROP TABLE orders;',
  good: 'SELECT slot_name, active FROM pg_replication_slots;',

  check(statement) {
    const tables = publishedIn(statement);
    const relations = tables.map((name) => locked(name, 'SHARE UPDATE EXCLUSIVE'));
    const publication = read(statement, 'CreatePublicationStmt') ?? read(statement, 'AlterPublicationStmt');
    if (publication) return { message: `what ${publication.pubname} publishes changes`, relations };
    const subscription =
      read(statement, 'CreateSubscriptionStmt') ??
      read(statement, 'AlterSubscriptionStmt') ??
      read(statement, 'DropSubscriptionStmt');
    if (subscription)
      return {
        risk: 'high',
        message: `what ${subscription.subname} takes in from elsewhere changes`,
        relations,
      };
    const drop = read(statement, 'DropStmt');
    if (drop?.removeType !== 'OBJECT_PUBLICATION') return;
    const names = (drop.objects ?? []).map(nameOfObject).join(', ');
    return { risk: 'high', message: `subscribers of ${names} hear of no change any more`, relations };
  },
});

const publishedIn = (statement: Node): string[] =>
  readAll(
    (read(statement, 'CreatePublicationStmt') ?? read(statement, 'AlterPublicationStmt'))?.pubobjects,
    'PublicationObjSpec',
  ).flatMap(({ pubtable }) => nameOf(pubtable?.relation) || []);
