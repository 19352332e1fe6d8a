import { dotted, kindOf, read } from '../sql/ast.js';
import { typeName } from '../sql/types.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'meaning-of-queries-changed',
  risk: 'medium',
  effect:
    'Casts and operators decide what a query means: those of the running release, of views and of indexes may ' +
    'mean something else, or nothing that is sure.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Write a function of its own name and call it where it is meant.',
    sql: "CREATE FUNCTION to_number(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1::int';",
    alembic:
      'op.execute("CREATE FUNCTION to_number(text) RETURNS int LANGUAGE sql IMMUTABLE AS \'SELECT $1::int\'")',
  },
  on: [
    'CreateCastStmt',
    'AlterOperatorStmt',
    'AlterOpFamilyStmt',
    'CreateOpClassStmt',
    'CreateTransformStmt',
  ],
  bad: 'CREATE CAST (text AS int) WITH INOUT AS IMPLICIT;',
  good: 'CREATE CAST (text AS int) WITH INOUT;',

  check(statement) {
    const cast = read(statement, 'CreateCastStmt');
    if (cast) {
      if (cast.context !== 'COERCION_IMPLICIT' && cast.context !== 'COERCION_ASSIGNMENT') return;
      const [from, to] = [typeName(cast.sourcetype), typeName(cast.targettype)];
      return { message: `${from} becomes ${to} wherever nothing else is said`, relations: [] };
    }
    const operators = read(statement, 'CreateOpClassStmt');
    if (operators && !operators.isDefault) return;
    const name =
      dotted(operators?.opclassname) ||
      dotted(read(statement, 'AlterOperatorStmt')?.opername?.objname) ||
      dotted(read(statement, 'AlterOpFamilyStmt')?.opfamilyname);
    if (!name && kindOf(statement) !== 'CreateTransformStmt') return;
    return {
      message: `queries that use ${name || 'functions with values of that type'} may mean something else`,
      relations: [],
    };
  },
});
