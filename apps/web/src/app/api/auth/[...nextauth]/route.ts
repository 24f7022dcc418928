import { answerAuth } from "@/server/auth";

export { answerAuth as GET, answerAuth as POST };
