import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../src/adapters/store/s3.js';
import { freePort } from './free-port.js';
import { projectPython, testVenv } from './servers.js';

/**
 * A server that speaks S3, on loopback: that of moto, which has conditional writes, ranges and uploads in parts, and is
 * one wheel. `LOCKKEEPER_TEST_S3` names another one, such as a versitygw, with the keys `test` and `test-secret`.
 */
export class TestS3 {
  readonly client: S3Client;

  private constructor(
    readonly endpoint: string,
    private readonly server: ChildProcess | undefined,
  ) {
    this.client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  }

  static async start(): Promise<TestS3> {
    const named = process.env.LOCKKEEPER_TEST_S3;
    if (named) return new TestS3(named, undefined);
    await testVenv();
    const port = await freePort();
    const server = spawn(projectPython, ['-c', SERVER, String(port)], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const endpoint = `http://127.0.0.1:${port}`;
    for (let tries = 0; !(await answers(endpoint)); tries += 1) {
      if (tries > 300 || server.exitCode !== null) throw new Error('the S3 server did not start');
      await sleep(100);
    }
    return new TestS3(endpoint, server);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    if (!this.server) return;
    const ended = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await ended;
  }

  /** An empty bucket, through `endpoint`: of a proxy, or of the server itself. */
  async bucket(endpoint = this.endpoint): Promise<S3Settings> {
    const bucket = `b-${randomBytes(6).toString('hex')}`;
    await this.client.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      ...{ name: 'offsite', bucket, prefix: 'pre/fix', region: 'us-east-1' },
      ...{ endpoint, pathStyle: true, credentials },
    };
  }

  /** How many uploads in parts were begun and not ended. */
  async unfinished({ bucket }: S3Settings): Promise<number> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.length;
  }
}

/** It ends with us, also when we are killed: then its standard input is closed. */
const SERVER = `
import os, sys, threading
from moto.server import main
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
main(['-H', '127.0.0.1', '-p', sys.argv[1]])`;

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
