import { expect, test } from "vitest";
import { librariesOfConda, librariesOfRequirements } from "./libraries.ts";

const short = (list: { name: string; version: string | null }[]) => list.map(({ name, version }) => [name, version]);

test("requirements: exact versions are versions, ranges are not, the rest is no library", () => {
  const text = [
    ...["mlflow==3.6.0", "numpy>=2,<3", "cloudpickle", "torch[cuda]==2.9.1+cu130 ; python_version < '3.14'"],
    ...[
      "# a comment",
      "-r other.txt",
      "--hash=sha256:ab",
      "",
      "Pillow ===12.0  # why",
      "pkg @ https://example.com/p.whl",
    ],
  ].join("\r\n");
  expect(short(librariesOfRequirements(text))).toEqual([
    ["mlflow", "3.6.0"],
    ["numpy", null],
    ["cloudpickle", null],
    ["torch", "2.9.1+cu130"],
    ["Pillow", "12.0"],
    ["pkg", null],
  ]);
});

test("conda: its own packages and the pip list within", () => {
  const text = `channels:
- conda-forge
dependencies:
- python=3.12.3
- pip<=25.0
- pip:
  - mlflow==3.6.0
  - scikit-learn==1.7.2
name: mlflow-env
`;
  expect(short(librariesOfConda(text))).toEqual([
    ["python", "3.12.3"],
    ["pip", null],
    ["mlflow", "3.6.0"],
    ["scikit-learn", "1.7.2"],
  ]);
});
