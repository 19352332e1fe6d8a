/** How a step talks to whoever called it: Temporal's activity, or a command that works without Temporal. */
export interface Work {
  /** Aborted when the work is no longer wanted. */
  signal: AbortSignal;
  /** Says what is going on, for people who watch. Free of secrets. */
  progress: (text: string) => void;
  /** 1 for the first attempt. */
  attempt: number;
  /** Told the process id of each tool that is started, so that whoever comes next can end it. */
  onTool?: (pid: number) => void;
}
