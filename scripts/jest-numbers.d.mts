interface Numbers {
  passed: number;
  failed: number;
  skipped: number;
}

interface JestFile {
  name: string;
  status: string;
  assertionResults: readonly { status: string }[];
}

export declare function numbersOf(
  result: { testResults: readonly JestFile[] } | undefined,
  code: number | null,
): Numbers & { ofFailed: Numbers; failedFiles: string[] };
