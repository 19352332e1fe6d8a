/** The last answer is kept: of one part a dozen rules ask the same, one after the other. */
export function kept<Part, Answer>(reader: (part: Part) => Answer): (part: Part) => Answer {
  let last: { part: Part; answer: Answer } | undefined;
  return (part) => {
    if (!last || last.part !== part) last = { part, answer: reader(part) };
    return last.answer;
  };
}
