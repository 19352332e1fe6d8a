export declare const SECONDS: Readonly<Record<string, number>>;
export declare function leftOut(seed: string): { out: string[]; drawn: number; all: number };
export declare function patterns(names: readonly string[]): string[];
