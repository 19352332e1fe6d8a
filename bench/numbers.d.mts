export declare function median(all: readonly number[]): number;
export declare function two(number: number): number;
