import Testing

@testable import SMGTemplate

@Suite struct ThinkingToggleTests {
    private func toggle(_ source: String) throws -> ThinkingToggle { try ChatTemplate(source: source).thinking }

    @Test(
        arguments: [
            ("{% if enable_thinking %}{% endif %}", ThinkingToggle.Key.enableThinking),
            ("{# enable_thinking #}", .enableThinking),
            ("{% if thinking and enable_thinking %}{% endif %}", .enableThinking),
            ("{% if thinking %}{% endif %}", .thinking), ("{% if x and thinking is defined %}{% endif %}", .thinking),
            ("{% if a or thinking == true %}{% endif %}", .thinking), ("{% set thinking = true %}", .thinking),
            ("{{ message.thinking }}", nil), ("{% if thinking_budget %}{% endif %}", nil), ("thinking", nil), ("", nil),
        ] as [(String, ThinkingToggle.Key?)])
    func keys(_ row: (source: String, key: ThinkingToggle.Key?)) throws {
        let toggle = try toggle(row.source)
        #expect(toggle.key == row.key)
        #expect(toggle.isOnByDefault == (row.key != nil))
    }

    @Test(arguments: ["thinking = false", "thinking=false", "enable_thinking = false", "enable_thinking=false"])
    func defaultsOff(_ assignment: String) throws {
        let source = "{% if thinking is undefined and not enable_thinking %}{% set \(assignment) %}{% endif %}"
        #expect(try toggle(source).isOnByDefault == false)
        #expect(try toggle(source).key == .enableThinking)
    }

    @Test(arguments: [
        "{% if add_generation_prompt %}<think>{% endif %}",
        "{% if add_generation_prompt %}{{ 'a<think>\\n' }}{% endif %}",
        "{% if x and add_generation_prompt %}{{ y ~ '<think>' }}{% endif %}",
        "{% if add_generation_prompt %}{% if x %}{% for i in y %}<think>{% endfor %}{% endif %}{% endif %}",
        "{% if add_generation_prompt %}{% set p = '<think>' %}{{ p }}{% endif %}",
        "{% if a %}{% elif add_generation_prompt %}{% generation %}<think>{% endgeneration %}{% endif %}",
    ])
    func promptsThatOpenAThought(_ source: String) throws {
        #expect(try toggle(source).opensThought)
    }

    @Test(arguments: [
        "<think>", "{% if x %}<think>{% endif %}", "{% if add_generation_prompt %}{% else %}<think>{% endif %}",
        "{% if add_generation_prompt %}</think>{{ '<thinking>' }}{% endif %}",
        "{{ '<think>' if add_generation_prompt }}",
        "{% if add_generation_prompt %}{# <think> #}{% endif %}<think>",
        "{% if '<think>' in add_generation_prompt %}{% endif %}",
    ])
    func othersDoNot(_ source: String) throws {
        #expect(try !toggle(source).opensThought)
    }

    /// The switch does what the template says.
    @Test func theSwitchReachesTheTemplate() throws {
        let source = "{% if enable_thinking is defined and not enable_thinking %}off{% else %}on{% endif %}"
        #expect(try rendered(source) == "on")
        #expect(try rendered(source, kwargs: #"{"enable_thinking": false}"#) == "off")
        #expect(try rendered(source, kwargs: #"{"enable_thinking": true}"#) == "on")
    }
}
