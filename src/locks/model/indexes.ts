import { shape } from '../shape.js';

const always = [11, 18] as const;

export const indexShapes = {
  'create index': shape('CREATE INDEX x ON t (a)', [
    'table S build',
    'heirs S build',
    'ready S',
    'indexes S',
  ]),
  'create index, there already': shape('CREATE INDEX IF NOT EXISTS x ON t (a)', ['table S']),
  'create index on only': shape('CREATE INDEX x ON ONLY t (a)', ['table S']),
  'create index concurrently': shape('CREATE INDEX CONCURRENTLY x ON t (a)', ['table SUE build'], {
    alone: always,
    brief: true,
  }),
  'create index concurrently, there already': shape(
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON t (a)',
    ['table SUE'],
    {
      alone: always,
      brief: true,
    },
  ),
  'drop index': shape('DROP INDEX x', ['table AE', 'heirs AE', 'index AE', 'indexes AE']),
  'drop index concurrently': shape('DROP INDEX CONCURRENTLY x', ['table SUE', 'index AE'], {
    alone: always,
    brief: true,
    note: 'The index itself is locked once nobody uses it any more.',
  }),
  'rename index': shape('ALTER INDEX x RENAME TO y', ['index AE -11', 'index SUE 12-']),
  'set index options': shape('ALTER INDEX x SET (fillfactor = 70)', ['index SUE']),
  'set strong index options': shape('ALTER INDEX x SET (fastupdate = off)', ['index AE']),
  'set index statistics': shape('ALTER INDEX x ALTER COLUMN 1 SET STATISTICS 100', ['index SUE']),
  'move index': shape('ALTER INDEX x SET TABLESPACE fast', ['index AE']),
  'index depends on extension': shape('ALTER INDEX x DEPENDS ON EXTENSION e', ['index AE']),
  'attach index': shape('ALTER INDEX x ATTACH PARTITION y', [
    'parent AS',
    'table AS',
    'parentIndexes AE -11',
    'parentIndexes SUE 12-',
    'index AE',
  ]),
  'reindex index': shape('REINDEX INDEX x', ['table S build', 'index AE']),
  'reindex table': shape('REINDEX TABLE t', ['table S rebuild', 'indexes AE']),
  'reindex partitioned table': shape('REINDEX TABLE p', ['heirs S rebuild', 'indexes AE'], { alone: always }),
  'reindex all': shape('REINDEX DATABASE d', ['table S rebuild', 'indexes AE'], {
    alone: always,
    brief: true,
  }),
  'reindex concurrently': shape(
    'REINDEX TABLE CONCURRENTLY t',
    ['table SUE rebuild', 'heirs SUE rebuild', 'indexes SUE'],
    {
      alone: always,
      brief: true,
      note: 'An old index is locked once nobody uses it any more.',
    },
  ),
  cluster: shape('CLUSTER t USING x', ['table AE rewrite', 'indexes AE']),
  'cluster all': shape('CLUSTER', ['table AE rewrite', 'indexes AE'], { alone: always, brief: true }),
  'cluster on': shape('ALTER TABLE t CLUSTER ON x', ['table SUE', 'index SUE']),
  'set without cluster': shape('ALTER TABLE t SET WITHOUT CLUSTER', ['table SUE']),
};
