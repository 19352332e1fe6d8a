import type { AlterTableCmd } from '../sql/ast.js';
import { identifier, read } from '../sql/ast.js';
import { columnTypeOf } from './column-type.js';
import type { Relation, Schema } from './model.js';

/** @returns whether it is a command that sets a property of the table as a whole */
export function setOfTable(schema: Schema, relation: Relation, cmd: AlterTableCmd): boolean {
  switch (cmd.subtype) {
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity':
      relation.rowSecurity = cmd.subtype === 'AT_EnableRowSecurity' ? 'on' : 'off';
      return true;
    case 'AT_ForceRowSecurity':
    case 'AT_NoForceRowSecurity':
      relation.forcesRowSecurity = cmd.subtype === 'AT_ForceRowSecurity';
      return true;
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      relation.unlogged = cmd.subtype === 'AT_SetUnLogged';
      return true;
    case 'AT_AddOf':
      relation.ofType = columnTypeOf(schema, read(cmd.def, 'TypeName')).name;
      return true;
    case 'AT_DropOf':
      delete relation.ofType;
      return true;
    case 'AT_ChangeOwner':
      if (cmd.newowner?.rolename) relation.owner = identifier(cmd.newowner.rolename);
      else delete relation.owner;
      return true;
    case 'AT_ReplicaIdentity':
      setReplicaIdentity(relation, cmd);
      return true;
    default:
      return false;
  }
}

const identities: Record<string, Relation['replicaIdentity']> = {
  d: 'default',
  f: 'full',
  n: 'nothing',
  i: 'index',
};

function setReplicaIdentity(relation: Relation, cmd: AlterTableCmd): void {
  const set = read(cmd.def, 'ReplicaIdentityStmt');
  relation.replicaIdentity = identities[set?.identity_type ?? ''] ?? 'default';
  for (const index of relation.indexes) {
    delete index.isReplicaIdentity;
    if (set?.name && index.name === identifier(set.name)) index.isReplicaIdentity = true;
  }
}
