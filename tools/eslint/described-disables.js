/** ESLint rule: a comment that turns a rule off says why, after `--`. */
export const describedDisables = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { undescribed: 'Say why the rule is turned off: `eslint-disable-… rule -- reason`.' },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) {
            context.report({ loc: comment.loc, messageId: 'undescribed' });
          }
        }
      },
    };
  },
};
