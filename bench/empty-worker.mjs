/** A Temporal worker with nothing of ours but the workflow bundle: what its memory is compared with. */
import { NativeConnection, Worker, Runtime, DefaultLogger } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';

Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
const worker = await Worker.create({
  connection,
  taskQueue: 'empty',
  workflowBundle: { codePath: fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url)) },
  activities: { nothing: async () => undefined },
});
const running = worker.run();
console.log('worker is ready');
await running;
await connection.close();
