//! READMEs that a tool writes into a new project: nobody's work, until somebody writes into them.

/// A template of a tool's. Its lines go by how they begin, in small letters, marks of lists and headings aside: versions differ
/// in the rest, and addresses have the project's name in them.
pub(super) struct Template {
    pub(super) tool: &'static str,
    /// Only its text has this.
    sign: &'static str,
    lines: &'static [&'static str],
    /// Its commands start the project, whoever wrote them down.
    pub(super) tells_how_to_run: bool,
}

const TEMPLATES: [Template; 5] = [
    Template {
        tool: "Create React App",
        sign: "was bootstrapped with [create react app]",
        lines: &[
            "getting started with create react app",
            "this project was bootstrapped with",
            "below you will find some information",
            "available scripts",
            "in the project directory, you can run",
            "`npm start`",
            "`npm test`",
            "`npm run build`",
            "`npm run eject`",
            "`yarn start`",
            "`yarn test`",
            "`yarn build`",
            "`yarn eject`",
            "`npm run build` fails to minify",
            "`yarn build` fails to minify",
            "runs the app in the development mode",
            "open [http://localhost:3000]",
            "the page will reload",
            "you will also see any lint errors",
            "you may also see any lint errors",
            "launches the test runner in the interactive watch mode",
            "see the section about [",
            "builds the app for production to the `build` folder",
            "it correctly bundles react in production mode",
            "the build is minified and the filenames include the hashes",
            "your app is ready to be deployed",
            "note: this is a one-way operation",
            "if you aren't satisfied with the build tool",
            "if you aren’t satisfied with the build tool",
            "instead, it will copy all the configuration files",
            "you don't have to ever use `eject`",
            "you don’t have to ever use `eject`",
            "learn more",
            "you can learn more in the [create react app documentation]",
            "to learn react, check out the [react documentation]",
            "code splitting",
            "analyzing the bundle size",
            "making a progressive web app",
            "advanced configuration",
            "deployment",
            "this section has moved here:",
        ],
        tells_how_to_run: true,
    },
    Template {
        tool: "Vite",
        sign: "this template provides a minimal setup to get react working in vite",
        lines: &[
            "react + vite",
            "react + typescript + vite",
            "this template provides a minimal setup",
            "currently, two official plugins are available",
            "[@vitejs/plugin-react",
            "react compiler",
            "the react compiler is ",
            "expanding the eslint configuration",
            "if you are developing a production application, we recommend",
            "you can also install [eslint-plugin-react",
            "configure the top-level `parseroptions`",
            "replace `tseslint",
            "replace `plugin:",
            "optionally add `",
            "optionally, add",
            "install [eslint-plugin-react]",
            "export default ",
            "import react",
            "globalignores",
            "files: [",
            "extends: [",
            "// ",
            "...tseslint",
            "tseslint.configs",
            "languageoptions",
            "parseroptions",
            "ecmaversion",
            "sourcetype",
            "project: [",
            "tsconfigrootdir",
            "settings: {",
            "plugins: {",
            "rules: {",
            "react,",
            "...react",
            "react",
        ],
        tells_how_to_run: false,
    },
    Template {
        tool: "create-next-app",
        sign: "project bootstrapped with [`create-next-app`]",
        lines: &[
            "this is a [next.js]",
            "getting started",
            "first, run the development server",
            "npm run dev",
            "# or",
            "or",
            "yarn dev",
            "pnpm dev",
            "bun dev",
            "open [http://localhost:3000]",
            "you can start editing the page by modifying",
            "[api routes]",
            "the `pages/api` directory is mapped",
            "this project uses [`next/font`]",
            "learn more",
            "to learn more about next.js",
            "[next.js documentation]",
            "[learn next.js]",
            "you can check out [the next.js github repository]",
            "deploy on vercel",
            "the easiest way to deploy your next.js app",
            "check out our [next.js deployment documentation]",
        ],
        tells_how_to_run: true,
    },
    Template {
        tool: "the Angular CLI",
        sign: "[angular cli](https://github.com/angular/angular-cli) version",
        lines: &[
            "this project was generated with [angular cli]",
            "this project was generated using [angular cli]",
            "development server",
            "run `ng serve` for a dev server",
            "to start a local development server, run",
            "ng serve",
            "once the server is running, open your browser",
            "code scaffolding",
            "run `ng generate component component-name`",
            "angular cli includes powerful code scaffolding",
            "ng generate component component-name",
            "for a complete list of available schematics",
            "ng generate --help",
            "build",
            "run `ng build` to build the project",
            "to build the project run",
            "ng build",
            "this will compile your project",
            "running unit tests",
            "run `ng test` to execute the unit tests",
            "to execute unit tests with",
            "ng test",
            "running end-to-end tests",
            "run `ng e2e` to execute",
            "for end-to-end (e2e) testing, run",
            "ng e2e",
            "angular cli does not come with an end-to-end testing framework",
            "further help",
            "to get more help on the angular cli",
            "additional resources",
            "for more information on using the angular cli",
        ],
        tells_how_to_run: true,
    },
    Template {
        tool: "GitLab",
        sign: "to make it easy for you to get started with gitlab",
        lines: &[
            "getting started",
            "to make it easy for you to get started with gitlab",
            "already a pro? just edit this readme.md",
            "add your files",
            "[create](",
            "[add files using the command line]",
            "cd existing_repo",
            "git remote add origin ",
            "git branch -m ma",
            "git push -uf origin ",
            "integrate with your tools",
            "[set up project integrations]",
            "collaborate with your team",
            "[invite team members and collaborators]",
            "[create a new merge request]",
            "[automatically close issues from merge requests]",
            "[enable merge request approvals]",
            "[set auto-merge]",
            "[automatically merge when pipeline succeeds]",
            "test and deploy",
            "use the built-in continuous integration in gitlab",
            "[get started with gitlab ci/cd]",
            "[analyze your code for known vulnerabilities",
            "[deploy to kubernetes, amazon ec2, or amazon ecs using auto deploy]",
            "[use pull-based deployments for improved kubernetes management]",
            "[set up protected environments]",
            "editing this readme",
            "when you're ready to make this readme your own",
            "suggestions for a good readme",
            "every project is different, so consider which of these sections",
            "name",
            "choose a self-explaining name for your project",
            "description",
            "let people know what your project can do specifically",
            "badges",
            "on some readmes, you may see small images",
            "visuals",
            "depending on what you are making, it can be a good idea to include screenshots",
            "installation",
            "within a particular ecosystem, there may be a common way of installing things",
            "usage",
            "use examples liberally, and show the expected output if you can",
            "support",
            "tell people where they can go to for help",
            "roadmap",
            "if you have ideas for releases in the future",
            "contributing",
            "state if you are open to contributions",
            "for people who want to make changes to your project",
            "you can also document commands to lint the code or run tests",
            "authors and acknowledgment",
            "show your appreciation to those who have contributed",
            "license",
            "for open source projects, say how it is licensed",
            "project status",
            "if you have run out of energy or time for your project",
        ],
        tells_how_to_run: false,
    },
];

/// Words this short are whole lines, as headings are, if no blank ends them.
const WHOLE: usize = 24;

impl Template {
    /// The lines of a text that are the template's.
    pub(super) fn lines_of(&self, text: &str) -> String {
        text.lines().filter(|line| self.has(line)).flat_map(|line| [line, "\n"]).collect()
    }

    fn has(&self, line: &str) -> bool {
        let line = line.trim().to_lowercase();
        let bare = line.trim_start_matches(['#', '*', '-', '+', ' ']);
        let bare = bare.strip_prefix("[ ]").unwrap_or(bare).trim();
        self.lines.iter().any(|begin| {
            let is_whole = begin.len() < WHOLE
                && !begin.ends_with(' ')
                && begin.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
            if is_whole { bare == *begin } else { bare.starts_with(begin) }
        })
    }
}

/// The template that a README was made from.
pub(super) fn of(text: &str) -> Option<&'static Template> {
    let text = text.to_lowercase();
    TEMPLATES.iter().find(|template| text.contains(template.sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_of_a_template_are_its_own() {
        let gitlab = "# shop\n\n## Getting started\n\nTo make it easy for you to get started with GitLab, here's a list of recommended next steps.\n\n- [ ] [Set up project integrations](https://gitlab.example/a/-/settings)\n\n## Installation\nRun the installation script.\n";
        let template = of(gitlab).unwrap();
        assert_eq!(template.tool, "GitLab");
        let lines = template.lines_of(gitlab);
        assert_eq!(lines.lines().count(), 4, "{lines}");
        assert!(!lines.contains("shop") && !lines.contains("script"), "{lines}");
        assert!(of("# Shop\n\n## Getting started\n\nRun `npm start`.\n").is_none());
    }
}
