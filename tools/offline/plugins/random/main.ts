import { dependencies } from "../../../../package.json";
import { serve } from "../serve";
import { RandomProvider } from "./provider";

void serve(() => new RandomProvider(dependencies["@pulumi/random"]));
