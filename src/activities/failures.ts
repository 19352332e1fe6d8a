import { ApplicationFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { Problem } from '../domain/problem.js';

/** Turns a Problem into the failure that Temporal knows, so that no step has to. */
export class TellProblems implements ActivityInboundCallsInterceptor {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    return next(input).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      const { message, code, told, facts } = error;
      const failure = ApplicationFailure.create({
        ...{ message, type: code, nonRetryable: !told.retry },
        details: facts ? [told, facts] : [told],
      });
      failure.stack = ''; // Temporal's pages show it, and it says nothing to an operator
      throw failure;
    });
  }
}
