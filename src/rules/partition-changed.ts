import type { Node } from '../sql/ast.js';
import { nameOf, read, tableCommand } from '../sql/ast.js';
import type { Hit, Names } from './rule.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'partition-changed',
  risk: 'high',
  effect:
    'Attaching reads the whole partition, and the default partition, while they are locked; ' +
    'detached rows are gone from the parent.',
  blocks: 'reads and writes of the partition until it was read; of the parent until commit when detaching',
  breaksRunning: true,
  instead: {
    says: 'Give the partition a valid CHECK that says the same before it is attached, then nothing is read; detach CONCURRENTLY.',
    sql: 'ALTER TABLE orders_2026 ADD CONSTRAINT fits CHECK (year = 2026) NOT VALID;\n-- the next revision, before the one that attaches\nALTER TABLE orders_2026 VALIDATE CONSTRAINT fits;',
    alembic:
      "op.create_check_constraint('fits', 'orders_2026', 'year = 2026', postgresql_not_valid=True)\n# the next revision, before the one that attaches\nop.execute('ALTER TABLE orders_2026 VALIDATE CONSTRAINT fits')",
  },
  on: [
    'AT_AttachPartition',
    'AT_DetachPartition',
    'AT_DetachPartitionFinalize',
    'AT_AddInherit',
    'AT_DropInherit',
  ],
  bad: 'ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES IN (2026);',
  good: 'CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL);',
  alsoNew: true,

  check(statement, { newTables, postgres = 11 }) {
    const inherited = inheritance(statement, newTables);
    if (inherited) return inherited;
    const changed = tableCommand(
      statement,
      'AT_AttachPartition',
      'AT_DetachPartition',
      'AT_DetachPartitionFinalize',
    );
    const partition = read(changed?.cmd.def, 'PartitionCmd');
    if (!changed || !partition) return;
    const [parent, child] = [changed.table, nameOf(partition.name)];
    const attaches = changed.cmd.subtype === 'AT_AttachPartition';
    if (newTables.has(parent) && newTables.has(child)) return;
    const gentle = attaches ? postgres >= 12 : partition.concurrent;
    const empty = attaches && newTables.has(child);
    return {
      ...(empty || !attaches ? { risk: 'medium' as const } : {}),
      ...(attaches ? { breaksRunning: false } : {}),
      message: attaches
        ? `attaching ${child} to ${parent} ${empty ? 'may read' : 'reads'} all of ` +
          `${empty ? 'its default partition' : child} while nobody can use it`
        : `the rows of ${child} are gone from ${parent} afterwards`,
      relations: [
        locked(parent, gentle ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
        ...(newTables.has(child) ? [] : [locked(child, 'ACCESS EXCLUSIVE')]),
      ],
    };
  },
});

/** What a child has is seen through its parent, or no longer. */
function inheritance(statement: Node, newTables: Names): Hit | undefined {
  const changed = tableCommand(statement, 'AT_AddInherit', 'AT_DropInherit');
  if (!changed || newTables.has(changed.table)) return undefined;
  const [parent, child] = [nameOf(read(changed.cmd.def, 'RangeVar')), changed.table];
  const gone = changed.cmd.subtype === 'AT_DropInherit';
  return {
    risk: 'medium',
    message: `the rows of ${child} are ${gone ? 'gone from' : 'seen through'} ${parent} afterwards`,
    relations: [locked(child, 'ACCESS EXCLUSIVE'), locked(parent, 'SHARE UPDATE EXCLUSIVE')],
  };
}
