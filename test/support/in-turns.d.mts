export declare const SECONDS: Readonly<Record<string, number>>;
export declare const NAMES: readonly string[];
export declare function secondsFor(left: number, slowness: number): number;
export declare function drawn(seed: string, seconds: number): string[];
export declare function patterns(names: readonly string[]): string[];
