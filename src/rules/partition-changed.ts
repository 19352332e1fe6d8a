import { nameOf, read, tableCommand } from '../sql/ast.js';
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
    says: 'Give the partition a valid CHECK that says the same before it is attached; detach CONCURRENTLY.',
    sql:
      'ALTER TABLE orders_2026 ADD CONSTRAINT fits CHECK (year = 2026) NOT VALID;\n' +
      'ALTER TABLE orders_2026 VALIDATE CONSTRAINT fits; -- the next revision\n' +
      'ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES IN (2026);',
    alembic: "op.create_check_constraint('fits', 'orders_2026', 'year = 2026', postgresql_not_valid=True)",
  },
  on: ['AT_AttachPartition', 'AT_DetachPartition', 'AT_DetachPartitionFinalize'],
  bad: 'ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES IN (2026);',
  good: 'CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL);',
  alsoNew: true,

  check(statement, { newTables, postgres = 11 }) {
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
      message: attaches
        ? `attaching ${child} to ${parent} ${empty ? 'may read' : 'reads'} all of ` +
          `${empty ? 'its default partition' : child} while nobody can use it`
        : `the rows of ${child} are gone from ${parent} afterwards`,
      relations: [
        locked(parent, gentle ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
        locked(child, 'ACCESS EXCLUSIVE'),
      ],
    };
  },
});
