/** Kinds of the grammar that no text is on its own, and why. */
export const notStatements: Readonly<Record<string, string>> = {
  PLAssignStmt: 'of PL/pgSQL',
  RawStmt: 'the frame around a statement',
  ReplicaIdentityStmt: 'a part of AT_ReplicaIdentity',
  ReturnStmt: 'of the body of a function',
  SetOperationStmt: 'a part of an analysed query',
  AT_AddColumnToView: 'made by CREATE OR REPLACE VIEW',
  AT_CookedColumnDefault: 'made by CREATE TABLE LIKE',
  AT_AddIndex: 'made while ALTER TABLE is worked on',
  AT_ReAddIndex: 'made while ALTER TABLE is worked on',
  AT_ReAddConstraint: 'made while ALTER TABLE is worked on',
  AT_ReAddDomainConstraint: 'made while ALTER TABLE is worked on',
  AT_AddIndexConstraint: 'made while ALTER TABLE is worked on',
  AT_ReAddComment: 'made while ALTER TABLE is worked on',
  AT_ReAddStatistics: 'made while ALTER TABLE is worked on',
  AT_ReplaceRelOptions: 'made by CREATE OR REPLACE VIEW',
};
