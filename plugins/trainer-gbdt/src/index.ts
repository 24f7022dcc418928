import { definePlugin } from "@ballast/plugin-sdk";
import { gbdtTrainer } from "./trainer.ts";

export default definePlugin({ trainers: [gbdtTrainer] });
